//! Static facts about one annotated function.

/// The constants that `#[span]` writes out for a function.
///
/// Generated code fills in the fields directly: a struct literal is promoted to a constant without running code.
#[derive(Debug)]
pub struct Callsite {
    /// The schema name, e.g. `agent:llm_call`.
    pub schema_name: &'static str,
    /// The payload keys of the captured arguments, in capture order.
    pub arguments: &'static [&'static str],
}
