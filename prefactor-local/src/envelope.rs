//! The JSON around the objects of every answer.

use serde::Serialize;

use crate::{error_response::ErrorResponse, model::Control};

#[derive(Serialize)]
struct Envelope<'a, T> {
    status: &'static str,
    details: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<Control>,
}

#[derive(Serialize)]
struct List<'a, T, P, S> {
    status: &'static str,
    summaries: &'a [T],
    pagination: &'a P,
    sorting: &'a S,
}

pub(crate) fn details(details: &impl Serialize) -> Result<String, ErrorResponse> {
    controlled(details, None)
}

/// Details with the control signal beside them, if there is one.
pub(crate) fn controlled(
    details: &impl Serialize,
    control: Option<Control>,
) -> Result<String, ErrorResponse> {
    Ok(serde_json::to_string(&Envelope { status: "success", details, control })?)
}

/// A page of a list, with its place in the list and its order.
pub(crate) fn list(
    (summaries, pagination): &(Vec<impl Serialize>, impl Serialize),
    sorting: &impl Serialize,
) -> Result<String, ErrorResponse> {
    Ok(serde_json::to_string(&List { status: "success", summaries, pagination, sorting })?)
}
