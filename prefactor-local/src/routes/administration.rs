//! `/environment`, `/team` and `/person`: where agents run, and who owns them.

use std::sync::Arc;

use axum::Router;

use super::{
    call::{Lookup, view},
    query::Query,
    record::{self, Field, Record},
    risk_profile,
};
use crate::{app::App, error_response::ErrorResponse};

/// Environments, in which agents run.
pub(super) struct Environment;

impl Record for Environment {
    const NAME: &'static str = "environment";
    const FIELDS: &'static [Field] = &[Field::RequiredText("name")];
}

/// Teams, which own agents.
struct Team;

impl Record for Team {
    const NAME: &'static str = "team";
    const FIELDS: &'static [Field] = &[Field::RequiredText("name"), Field::Text("description")];
}

/// People, who own agents, in a team or alone.
struct Person;

impl Record for Person {
    const NAME: &'static str = "person";
    const FIELDS: &'static [Field] =
        &[Field::RequiredText("name"), Field::Text("email"), Field::Text("team_id")];
}

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/environment/show", view(show_named))
        .merge(record::router::<Environment>())
        .merge(record::router::<Team>())
        .merge(record::router::<Person>())
        .merge(risk_profile::router())
}

/// Shows an environment that the query names.
pub(super) fn show_named(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    match query.text("environment_id") {
        Some(id) => Ok(record::show::<Environment>(&id)),
        None => Err(ErrorResponse::invalid("environment_id", "can't be blank")),
    }
}
