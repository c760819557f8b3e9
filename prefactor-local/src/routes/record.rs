//! The five usual requests on the objects that people administer, for each kind of them.

use std::sync::Arc;

use axum::Router;
use serde_json::{Map, Value};

use super::{
    call::{Call, Lookup, POST, act, object, view},
    query::Query,
};
use crate::{
    app::App,
    envelope,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    store::{Effect, Filter, Rows},
};

/// A kind of object.
pub(super) trait Record: 'static {
    /// The word in the path and in the field `type`.
    const NAME: &'static str;
    /// The fields of this kind, besides those that every object has.
    const FIELDS: &'static [Field];
}

/// One field: its name, and whether it is required.
#[derive(Debug)]
pub(super) enum Field {
    RequiredText(&'static str),
    Text(&'static str),
    /// An object, with its default value.
    Object(&'static str, fn() -> Value),
}

/// Routes the five requests on objects of a kind.
pub(super) fn router<R: Record>() -> Router<Arc<App>> {
    let path = format!("/{}", R::NAME);
    Router::new()
        .route(&path, view(list::<R>).merge(act(POST, create::<R>)))
        .route(&format!("{path}/{{id}}"), object(show::<R>, update::<R>, delete::<R>))
}

pub(super) fn create<R: Record>(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    let id = details.text("id", &mut errors);
    let fields = read::<R>(&details, true, &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request(R::NAME, key, errors)?;
    Ok(Effect::new(request, move |work| {
        envelope::details(&work.create_record(R::NAME, id.as_deref(), &fields)?)
    }))
}

pub(super) fn update<R: Record>(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    let fields = read::<R>(&details, false, &mut errors);
    let request = call.request_on(R::NAME, "update", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.update_record(R::NAME, &id, &fields)?)))
}

fn delete<R: Record>(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let request = call.request_on(R::NAME, "delete", Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.delete_record(R::NAME, &id)?)))
}

pub(super) fn show<R: Record>(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.record(R::NAME, &id)?))
}

pub(super) fn list<R: Record>(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::RECORDS)?);
    let filter = Filter::default().and("(SELECT id FROM account) = ?", query.filter("account_id"));
    Ok(Lookup::new(move |reader| envelope::list(&reader.records(R::NAME, filter, sorted, page)?, &sorted)))
}

/// Reads the fields that were sent; for a new object, all of its fields.
fn read<R: Record>(details: &Fields<'_>, is_new: bool, errors: &mut Errors) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in R::FIELDS {
        let (name, value) = match *field {
            Field::RequiredText(name) if is_new => (name, Some(details.required_text(name, errors).into())),
            Field::RequiredText(name) | Field::Text(name) => {
                (name, details.text(name, errors).map(Value::from))
            }
            Field::Object(name, default) => {
                let is_object = details.object(name, errors).is_some();
                let given = is_object.then(|| details.value(name)).flatten();
                (name, given.or_else(|| is_new.then(default)))
            }
        };
        if value.is_some() || is_new || details.is_null(name) {
            fields.insert(name.to_owned(), value.unwrap_or_default());
        }
    }
    fields
}
