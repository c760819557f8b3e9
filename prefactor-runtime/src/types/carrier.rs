//! Containers that trace contexts are written into and read from: headers, maps, messages.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// A place into which [`Context::inject`](crate::Context::inject) writes.
///
/// Implemented for maps of texts, for `serde_json::Map`, and with the feature `http-headers` for `http::HeaderMap`.
///
/// # Examples
///
/// ```
/// use prefactor::propagation::Injector;
///
/// struct Metadata(Vec<(String, String)>);
///
/// impl Injector for Metadata {
///     fn set(&mut self, name: &'static str, value: String) {
///         self.remove(name);
///         self.0.push((name.to_owned(), value));
///     }
///
///     fn remove(&mut self, name: &'static str) {
///         self.0.retain(|(key, _)| key != name);
///     }
/// }
/// ```
pub trait Injector {
    /// Sets a value, in the place of one that is there already. Names are in lower case.
    fn set(&mut self, name: &'static str, value: String);

    /// Removes a value, which belongs to another trace.
    fn remove(&mut self, name: &'static str);
}

/// A place from which [`RemoteContext::extract`](crate::propagation::RemoteContext::extract) reads.
///
/// Implemented for maps of texts, for `serde_json::Map`, and with the feature `http-headers` for `http::HeaderMap`.
///
/// # Examples
///
/// ```
/// use prefactor::propagation::{Extractor, RemoteContext};
///
/// struct Metadata(Vec<(String, String)>);
///
/// impl Extractor for Metadata {
///     fn values(&self, name: &'static str) -> Vec<&str> {
///         self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
///     }
/// }
///
/// let message = Metadata(vec![("traceparent".to_owned(), "none".to_owned())]);
/// assert!(RemoteContext::extract(&message).is_none(), "it is malformed");
/// ```
pub trait Extractor {
    /// The values of that name, in their order. The name is in lower case; a carrier of headers compares without case.
    fn values(&self, name: &'static str) -> Vec<&str>;
}

/// The names of maps are compared without case: frameworks spell headers as they came.
fn named<'a, K: AsRef<str> + 'a, V>(
    mut members: impl Iterator<Item = (&'a K, &'a V)>,
    name: &str,
) -> Option<&'a V> {
    members.find(|(key, _)| key.as_ref().eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

macro_rules! carrier_of_texts {
    ($map:ty $(, $parameter:ident: $bound:path)?) => {
        impl$(<$parameter: $bound>)? Injector for $map {
            fn set(&mut self, name: &'static str, value: String) {
                Injector::remove(self, name);
                self.insert(name.to_owned(), value);
            }

            fn remove(&mut self, name: &'static str) {
                self.retain(|key, _| !key.eq_ignore_ascii_case(name));
            }
        }

        impl$(<$parameter: $bound>)? Extractor for $map {
            fn values(&self, name: &'static str) -> Vec<&str> {
                named(self.iter(), name).map(String::as_str).into_iter().collect()
            }
        }
    };
}

carrier_of_texts!(BTreeMap<String, String>);
carrier_of_texts!(HashMap<String, String, S>, S: BuildHasher);

/// The `_meta` of MCP messages, for example. Values that are no texts are passed over.
#[cfg(feature = "enabled")]
impl Injector for serde_json::Map<String, serde_json::Value> {
    fn set(&mut self, name: &'static str, value: String) {
        self.insert(name.to_owned(), value.into());
    }

    fn remove(&mut self, name: &'static str) {
        serde_json::Map::remove(self, name);
    }
}

#[cfg(feature = "enabled")]
impl Extractor for serde_json::Map<String, serde_json::Value> {
    fn values(&self, name: &'static str) -> Vec<&str> {
        self.get(name).and_then(serde_json::Value::as_str).into_iter().collect()
    }
}

#[cfg(feature = "http-headers")]
impl Injector for http::HeaderMap {
    fn set(&mut self, name: &'static str, value: String) {
        if let Ok(value) = value.try_into() {
            self.insert(http::HeaderName::from_static(name), value);
        }
    }

    fn remove(&mut self, name: &'static str) {
        http::HeaderMap::remove(self, name);
    }
}

#[cfg(feature = "http-headers")]
impl Extractor for http::HeaderMap {
    fn values(&self, name: &'static str) -> Vec<&str> {
        self.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    }
}

#[cfg(all(test, feature = "http-headers"))]
mod tests {
    use super::*;

    #[test]
    fn headers_are_replaced_and_read_in_their_order() {
        let mut headers = http::HeaderMap::new();
        headers.append("tracestate", "a=1".parse().unwrap());
        headers.append("tracestate", "b=2".parse().unwrap());
        assert_eq!(Extractor::values(&headers, "tracestate"), ["a=1", "b=2"]);
        headers.set("tracestate", "c=3".into());
        assert_eq!(Extractor::values(&headers, "tracestate"), ["c=3"]);
        Injector::remove(&mut headers, "tracestate");
        assert!(headers.is_empty());
    }
}
