//! The header `traceparent`. Format: W3C Trace Context, level 2; level 1 is the same but for the random flag.

/// The content of a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent {
    pub(crate) trace_id: [u8; 16],
    pub(crate) span_id: [u8; 8],
    pub(crate) is_sampled: bool,
}

impl TraceParent {
    /// Reads a header: lower-case hexadecimal digits only, no ids of zeros, exactly four fields in version `00`, at least four
    /// in later ones. Of the flags only the first bit counts: Python's OpenTelemetry sends `03`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.trim_matches([' ', '\t']).split('-');
        let version = bytes::<1>(fields.next()?)?[0];
        let trace_id = bytes::<16>(fields.next()?)?;
        let span_id = bytes::<8>(fields.next()?)?;
        let flags = bytes::<1>(fields.next()?)?[0];
        let is_known = version != 0xff && (version > 0 || fields.next().is_none());
        let is_valid = is_known && trace_id != [0; 16] && span_id != [0; 8];
        is_valid.then_some(Self { trace_id, span_id, is_sampled: flags & 1 == 1 })
    }
}

impl std::fmt::Display for TraceParent {
    /// Version `00` and the flags `01` or `00`: services with OpenTelemetry for Rust before 0.32 refuse others.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (trace_id, span_id) = (u128::from_be_bytes(self.trace_id), u64::from_be_bytes(self.span_id));
        write!(formatter, "00-{trace_id:032x}-{span_id:016x}-0{}", u8::from(self.is_sampled))
    }
}

/// Exactly so many bytes in lower-case hexadecimal digits.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(all(test, feature = "enabled"))]
mod tests {
    use super::TraceParent;
    use proptest::prelude::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn flags(text: &str) -> Option<bool> {
        TraceParent::parse(text).map(|parent| parent.is_sampled)
    }

    #[test]
    fn accepted_and_refused_forms() {
        for (text, is_sampled) in [
            (format!("00-{TRACE}-{SPAN}-01"), Some(true)),
            (format!("00-{TRACE}-{SPAN}-03"), Some(true)), // Python's OpenTelemetry
            (format!("00-{TRACE}-{SPAN}-00"), Some(false)),
            (format!("00-{TRACE}-{SPAN}-02"), Some(false)),
            (format!("00-{TRACE}-{SPAN}-ff"), Some(true)),
            (format!("00-{TRACE}-{SPAN}-04"), Some(false)),
            (format!(" \t00-{TRACE}-{SPAN}-01  "), Some(true)),
            (format!("01-{TRACE}-{SPAN}-01"), Some(true)),
            (format!("cc-{TRACE}-{SPAN}-01-what-comes-later"), Some(true)),
            (format!("00-{TRACE}-{SPAN}-01-more"), None),
            (format!("ff-{TRACE}-{SPAN}-01"), None),
            (format!("00-{TRACE}-{SPAN}-1"), None),
            (format!("00-{TRACE}-{SPAN}-0F"), None),
            (format!("00-{TRACE}-{SPAN}"), None),
            (format!("00-{}-{SPAN}-01", TRACE.to_uppercase()), None),
            (format!("00-{}-{SPAN}-01", "0".repeat(32)), None),
            (format!("00-{TRACE}-{}-01", "0".repeat(16)), None),
            (format!("00-{}-{SPAN}-01", &TRACE[1..]), None),
            (format!("00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01"), None),
            (String::new(), None),
        ] {
            assert_eq!(flags(&text), is_sampled, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn traceparent_that_is_written_is_read_back(trace_id in any::<[u8; 16]>(), span_id in any::<[u8; 8]>(), is_sampled: bool) {
            prop_assume!(trace_id != [0; 16] && span_id != [0; 8]);
            let parent = TraceParent { trace_id, span_id, is_sampled };
            let text = parent.to_string();
            prop_assert!(text.starts_with("00-") && (text.ends_with("-01") || text.ends_with("-00")), "{}", text);
            prop_assert_eq!(TraceParent::parse(&text), Some(parent));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = TraceParent::parse(&text);
        }

        #[test]
        fn changed_character_is_refused_or_says_something_valid(place in 0_usize..55, character in any::<char>()) {
            let mut text: Vec<_> = format!("00-{TRACE}-{SPAN}-01").chars().collect();
            text[place] = character;
            let text: String = text.into_iter().collect();
            if let Some(parent) = TraceParent::parse(&text) {
                prop_assert_ne!(parent.trace_id, [0; 16]);
                prop_assert!(text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase()));
            }
        }
    }
}
