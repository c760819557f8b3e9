//! The types of errors behind `dyn Error`, as `anyhow::Error`, `eyre::Report` and `Box<dyn Error>` hold them.
//!
//! Rust keeps no name of a type behind `dyn Error`, but it can be asked whether it is one type or another. Errors are grouped
//! by their type, and `anyhow::Error` would be one group for all of them.

use std::any::type_name;
use std::error::Error as StdError;

/// Longest chain of sources that is followed: a cyclic chain must end.
pub(super) const MAX_SOURCES: usize = 32;

type Known = fn(&(dyn StdError + 'static)) -> Option<&'static str>;

fn is<T: StdError + 'static>(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    error.is::<T>().then(type_name::<T>)
}

/// The errors of the standard library, and of the libraries that are in the tree anyway.
const KNOWN: &[Known] = &[
    is::<std::io::Error>,
    is::<serde_json::Error>,
    #[cfg(feature = "http")]
    is::<reqwest::Error>,
    is::<tokio::task::JoinError>,
    is::<tokio::time::error::Elapsed>,
    is::<crate::types::status::Terminated>,
    is::<crate::types::error::Error>,
    is::<std::num::ParseIntError>,
    is::<std::num::ParseFloatError>,
    is::<std::num::TryFromIntError>,
    is::<std::str::ParseBoolError>,
    is::<std::str::Utf8Error>,
    is::<std::string::FromUtf8Error>,
    is::<std::char::ParseCharError>,
    is::<std::array::TryFromSliceError>,
    is::<std::net::AddrParseError>,
    is::<std::env::VarError>,
    is::<std::time::SystemTimeError>,
    is::<std::sync::mpsc::RecvError>,
    is::<std::sync::mpsc::RecvTimeoutError>,
    is::<std::cell::BorrowError>,
    is::<std::cell::BorrowMutError>,
    is::<std::fmt::Error>,
];

/// The type of the innermost error in the chain whose type is known.
pub(super) fn known_type_of(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    let mut innermost = None;
    let mut next = Some(error);
    for _ in 0..=MAX_SOURCES {
        let Some(error) = next else { break };
        innermost = KNOWN.iter().find_map(|known| known(error)).or(innermost);
        next = error.source();
    }
    innermost
}
