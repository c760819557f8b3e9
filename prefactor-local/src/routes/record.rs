//! Requests on objects that people administer: the five usual ones, for each kind.

use serde_json::{Map, Value};

use super::{
    call::{Call, Lookup},
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    store::{Effect, Filter, Rows},
};

/// A kind of object and the fields that it has beside those of every object.
#[derive(Debug)]
pub(super) struct Kind {
    /// As in the path and in the field `type`.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// One field: its name, and whether it must be there.
#[derive(Debug)]
pub(super) enum Field {
    RequiredText(&'static str),
    Text(&'static str),
    /// An object, and what it is where a client leaves it out.
    Object(&'static str, fn() -> Value),
}

impl Kind {
    pub(super) fn create(&'static self, call: &Call<'_>) -> Result<Effect, ErrorResponse> {
        let (details, mut errors) = (call.details()?, Errors::default());
        let id = details.text("id", &mut errors);
        let fields = self.read(&details, true, &mut errors);
        let key = call.body.idempotency_key(&mut errors);
        let request = call.request(self.name, key, errors)?;
        Ok(Effect::new(request, move |work| {
            envelope::details(&work.create_record(self.name, id.as_deref(), &fields)?)
        }))
    }

    pub(super) fn update(&'static self, call: &Call<'_>) -> Result<Effect, ErrorResponse> {
        let (details, mut errors) = (call.details()?, Errors::default());
        let fields = self.read(&details, false, &mut errors);
        let request = call.request_on(self.name, "update", errors)?;
        let id = call.id.to_owned();
        Ok(Effect::new(request, move |work| envelope::details(&work.update_record(self.name, &id, &fields)?)))
    }

    pub(super) fn delete(&'static self, call: &Call<'_>) -> Result<Effect, ErrorResponse> {
        let request = call.request_on(self.name, "delete", Errors::default())?;
        let id = call.id.to_owned();
        Ok(Effect::new(request, move |work| envelope::details(&work.delete_record(self.name, &id)?)))
    }

    pub(super) fn show(&'static self, id: &str) -> Lookup {
        let id = id.to_owned();
        Lookup::new(move |reader| envelope::details(&reader.record(self.name, &id)?))
    }

    pub(super) fn list(&'static self, query: &Query) -> Result<Lookup, ErrorResponse> {
        let (page, sorted) = (query.page()?, query.sorted(&Rows::RECORDS)?);
        let filter = Filter::default().and("(SELECT id FROM account) = ?", query.text("account_id"));
        Ok(Lookup::new(move |reader| {
            envelope::list(&reader.records(self.name, filter, sorted, page)?, &sorted)
        }))
    }

    /// The fields that were sent, or for a new object all of them.
    fn read(&self, details: &Fields<'_>, is_new: bool, errors: &mut Errors) -> Map<String, Value> {
        let mut fields = Map::new();
        for field in self.fields {
            let (name, value) = match *field {
                Field::RequiredText(name) if is_new => {
                    (name, Some(details.required_text(name, errors).into()))
                }
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
}
