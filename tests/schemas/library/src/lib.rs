//! A library with annotated functions. Nothing calls most of them.
#![forbid(unsafe_code)]
#![expect(clippy::must_use_candidate, reason = "the functions are written as in programs")]

/// Shadows what generated code must not rely on.
#[expect(dead_code, reason = "only generated code names them")]
mod shadowed {
    pub(crate) struct Some;
    pub(crate) struct None;
    pub(crate) struct Option;
    pub(crate) struct Contribution;
    pub(crate) mod std {}
    pub(crate) mod core {}
}

/// Looks a word up.
///
/// This is not part of the description.
#[prefactor::span("library:look_up", title = "Look-up", template = "{{ word }}")]
pub fn look_up(word: &str, limit: Option<u8>) -> Vec<String> {
    vec![word.to_owned(); usize::from(limit.unwrap_or(1))]
}

/// Has the name of a function of the program, and another signature.
#[prefactor::span("shared:name")]
pub fn shared(text: &str) -> usize {
    text.len()
}

/// A tool of any type.
#[derive(Debug)]
pub struct Tool<T>(pub T);

impl<T: Clone> Tool<T> {
    /// Calls it.
    #[prefactor::span("library:call", skip(self))]
    pub fn call<A>(&self, argument: A, times: u32) -> (T, A) {
        let _ = times;
        (self.0.clone(), argument)
    }
}

/// Where names of the prelude mean other things.
pub mod strange {
    #[expect(unused_imports, reason = "they only shadow other names")]
    use super::shadowed::*;

    /// Does nothing.
    #[prefactor::span(
        "library:strange",
        risk(read_data = allowed, params(classification = internal, minors_data = excluded))
    )]
    pub fn nothing() {}
}
