//! Static facts about one annotated function.

/// The constants that `#[span]` writes out for a function.
///
/// Generated code writes it as a struct literal in its place, which the compiler promotes to a constant. A named `static` would be
/// the same constant under a name that the user's statements see. Lints do not tell the two apart.
#[derive(Debug)]
pub struct Callsite {
    /// The schema name, e.g. `agent:llm_call`.
    pub schema_name: &'static str,
    /// The payload keys of the captured arguments, in capture order.
    pub arguments: &'static [&'static str],
}
