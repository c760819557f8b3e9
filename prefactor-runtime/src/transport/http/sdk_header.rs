//! The header that names this SDK and its adapters.

use std::sync::{Mutex, PoisonError};

use reqwest::header::HeaderValue;

use crate::config::settings::Settings;
use crate::types::adapters;
use crate::types::error::Error;

const SDK: &str = concat!("prefactor-rust@", env!("CARGO_PKG_VERSION"));

/// The value of `X-Prefactor-SDK`: adapters may still name themselves after the client is built.
#[derive(Debug)]
pub(super) struct SdkHeader {
    own: Vec<String>,
    /// The last value, and of how many adapters it is. Read and written for each request, by the transport.
    last: Mutex<(usize, HeaderValue)>,
}

impl SdkHeader {
    /// # Errors
    ///
    /// When an entry of the settings is malformed.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        Ok(Self::of(settings.identity()?.sdk_entries))
    }

    pub(super) fn of(own: Vec<String>) -> Self {
        Self { own, last: Mutex::new((usize::MAX, HeaderValue::from_static(SDK))) }
    }

    /// The adapters, the most specific first, and this SDK.
    pub(super) fn value(&self) -> HeaderValue {
        let mut entries = adapters::announced(&self.own);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0 != entries.len() {
            let count = entries.len();
            entries.push(SDK.to_owned());
            if let Ok(value) = HeaderValue::from_str(&entries.join(" ")) {
                *last = (count, value);
            }
        }
        last.1.clone()
    }
}
