//! Static facts of one annotated function.

/// What `#[span]` knows about a function at compile time.
#[derive(Debug)]
pub struct Callsite {
    pub(crate) schema_name: &'static str,
}

impl Callsite {
    /// Used by generated code.
    #[must_use]
    pub const fn new(schema_name: &'static str) -> Self {
        Self { schema_name }
    }
}
