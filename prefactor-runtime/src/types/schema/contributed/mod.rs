//! The types of spans that annotated functions contribute when the program is linked.

pub(crate) mod catalogue;
pub(crate) mod contribution;
pub(crate) mod definitions;
#[cfg(feature = "schemars")]
pub(crate) mod exact;
mod marker;
pub(super) mod seen;
pub(crate) mod shape;
