//! The description of one annotated function's spans, as generated code writes it.

use super::shape::Shape;
use crate::types::schema::risk::DataRisk;

/// The description that `#[span]` generates for a function: constants, and function pointers for the parts that are not constant.
#[derive(Debug)]
pub struct Contribution {
    /// The name that its spans have.
    pub schema_name: &'static str,
    /// Where the function stands: the order of functions that share a name, whatever order the linker puts them in.
    pub place: &'static str,
    /// `title = "…"`
    pub title: Option<&'static str>,
    /// The beginning of the doc comment.
    pub description: Option<&'static str>,
    /// `template = "…"`
    pub template: Option<&'static str>,
    /// `risk(…)`
    pub risk: fn() -> DataRisk,
    /// The members of the payload.
    pub params: &'static [(&'static str, Shape)],
    /// The returned value.
    pub result: Shape,
    /// Members of the result that have a shape whatever the function returns.
    pub result_members: &'static [(&'static str, Shape)],
}

impl Contribution {
    /// One that says nothing.
    pub const EMPTY: Self = Self {
        schema_name: "",
        place: "",
        title: None,
        description: None,
        template: None,
        risk: DataRisk::new,
        params: &[],
        result: Shape::Anything,
        result_members: &[],
    };
}

inventory::collect!(Contribution);

/// All contributions of the program, in no particular order. Where the linker cannot collect them there are none.
pub(super) fn all() -> Vec<&'static Contribution> {
    inventory::iter::<Contribution>.into_iter().collect()
}
