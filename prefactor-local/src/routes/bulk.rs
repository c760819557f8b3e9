//! `/bulk`: several actions in one request, in order, each in its own transaction, up to the first that
//! is refused.

use std::collections::HashSet;

use serde_json::value::RawValue;

use super::{
    agent_instance, agent_spans,
    call::{Action, Apply, Call},
};
use crate::{
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    store::{Effect, Work},
};

const SHORTEST_KEY: usize = 8;

struct Item<'a> {
    key: String,
    kind: String,
    fields: Fields<'a>,
}

/// The items as far as they can be done: after one that cannot be read, none is tried.
pub(super) struct Bulk(Vec<(String, Result<Effect, ErrorResponse>)>);

pub(super) fn run(call: &Call<'_>) -> Result<Bulk, ErrorResponse> {
    let mut prepared = Vec::new();
    for item in items(call.body)? {
        let effect = prepare(call, &item);
        let is_last = effect.is_err();
        prepared.push((item.key, effect));
        if is_last {
            break;
        }
    }
    Ok(Bulk(prepared))
}

impl Apply for Bulk {
    fn apply(self, work: &mut Work<'_>) -> Result<String, ErrorResponse> {
        let mut answer = String::from(r#"{"status":"success","outputs":{"#);
        for (place, (key, effect)) in self.0.into_iter().enumerate() {
            let output = effect.and_then(|effect| work.atomically(|work| work.once(effect)));
            if place > 0 {
                answer.push(',');
            }
            answer.push_str(&serde_json::to_string(&key)?);
            answer.push(':');
            match output {
                Ok(output) => answer.push_str(&output),
                Err(error) => {
                    answer.push_str(&error.to_json());
                    break;
                }
            }
        }
        answer.push_str("}}");
        Ok(answer)
    }
}

fn prepare(call: &Call<'_>, item: &Item<'_>) -> Result<Effect, ErrorResponse> {
    let (action, id_field): (Action, _) = match item.kind.as_str() {
        "agent_instances/register" => (agent_instance::register, None),
        "agent_instances/start" => (agent_instance::start, Some("agent_instance_id")),
        "agent_instances/finish" => (agent_instance::finish, Some("agent_instance_id")),
        "agent_spans/create" => (agent_spans::create_item, None),
        "agent_spans/finish" => (agent_spans::finish, Some("agent_span_id")),
        _ => return Err(ErrorResponse::invalid("_type", "is not supported")),
    };
    let id = id_field.map(|field| path_id(&item.fields, field)).transpose()?.unwrap_or_default();
    action(&Call { id: &id, body: &item.fields, ..*call })
}

/// The identifier that the path of the single request would hold.
fn path_id(fields: &Fields<'_>, long: &'static str) -> Result<String, ErrorResponse> {
    let mut errors = Errors::default();
    let id = fields.text(long, &mut errors).unwrap_or_else(|| fields.required_text("id", &mut errors));
    errors.check()?;
    Ok(id)
}

/// The items, once all of them can be told apart; nothing is done before that.
fn items<'a>(body: &Fields<'a>) -> Result<Vec<Item<'a>>, ErrorResponse> {
    let mut errors = Errors::default();
    let raw: Vec<&RawValue> = body.array("items", &mut errors);
    if raw.is_empty() {
        errors.add("items", "should have at least 1 item(s)");
    }
    let (mut items, mut keys) = (Vec::with_capacity(raw.len()), HashSet::new());
    for value in raw {
        let fields = Fields::parse(value.get())?;
        let kind = fields.required_text("_type", &mut errors);
        let key = fields.idempotency_key(&mut errors).unwrap_or_default();
        if key.chars().count() < SHORTEST_KEY {
            errors.add("idempotency_key", "should be at least 8 character(s)");
        } else if !keys.insert(key.clone()) {
            errors.add("idempotency_key", "must be unique in the request");
        }
        items.push(Item { key, kind, fields });
    }
    errors.check()?;
    Ok(items)
}
