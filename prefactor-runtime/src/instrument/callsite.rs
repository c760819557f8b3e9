//! Static facts of one annotated function.

/// What `#[span]` knows about a function at compile time.
///
/// Written out by generated code, field by field: a constant that needs no function of its own to be made.
#[derive(Debug)]
pub struct Callsite {
    /// The kind of work.
    pub schema_name: &'static str,
    /// The names of what is captured, in order.
    pub arguments: &'static [&'static str],
}
