//! `/environment`: where agents run.

use super::{
    call::{Call, Lookup},
    query::Query,
    record::{Field, Kind},
};
use crate::{error_response::ErrorResponse, store::Effect};

const KIND: Kind = Kind { name: "environment", fields: &[Field::RequiredText("name")] };

pub(super) fn create(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    KIND.create(call)
}

pub(super) fn update(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    KIND.update(call)
}

pub(super) fn delete(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    KIND.delete(call)
}

pub(super) fn show(id: &str) -> Lookup {
    KIND.show(id)
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    KIND.list(query)
}

/// Shows an environment that the query names.
pub(super) fn show_named(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    match query.text("environment_id") {
        Some(id) => Ok(KIND.show(&id)),
        None => Err(ErrorResponse::invalid("environment_id", "can't be blank")),
    }
}
