//! `/team`: owners of agents.

use super::{
    call::{Call, Lookup},
    query::Query,
    record::{Field, Kind},
};
use crate::{error_response::ErrorResponse, store::Effect};

const KIND: Kind = Kind { name: "team", fields: &[Field::RequiredText("name"), Field::Text("description")] };

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
