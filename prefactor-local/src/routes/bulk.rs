//! `/bulk`: several actions in one request. They take effect in order, each in its own transaction, up to the first
//! that is refused.

use std::collections::HashSet;

use serde_json::value::RawValue;

use super::{
    administration::{self, Environment},
    agent, agent_instance, agent_spans, alerts,
    call::{Action, Apply, Call, Lookup, View},
    query::Query,
    record,
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

/// The items up to the first that cannot be read; none after it is tried.
pub(super) struct Bulk(Vec<(String, Result<Prepared, ErrorResponse>)>);

/// An item whose fields have been read.
enum Prepared {
    Change(Effect),
    Lookup(Lookup),
}

impl Apply for Prepared {
    fn apply(self, work: &mut Work<'_>) -> Result<String, ErrorResponse> {
        match self {
            Self::Change(effect) => effect.apply(work),
            Self::Lookup(lookup) => lookup.apply(work),
        }
    }
}

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
            let output = effect.and_then(|effect| effect.apply(work));
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

/// Maps the type of an item to its action, and names the field that holds the identifier of a single request's path.
enum Kind {
    Change(Action, Option<&'static str>),
    Lookup(View),
}

fn kind(name: &str) -> Option<Kind> {
    use Kind::{Change, Lookup};

    let (agent_id, environment_id) = (Some("agent_id"), Some("environment_id"));
    let (instance_id, span_id) = (Some("agent_instance_id"), Some("agent_span_id"));
    Some(match name {
        "agents/list" => Lookup(agent::list),
        "agents/show" => Lookup(agent::show_named),
        "agents/create" => Change(agent::create, None),
        "agents/update" => Change(agent::update, agent_id),
        "agents/retire" => Change(agent::retire, agent_id),
        "agents/reinstate" => Change(agent::reinstate, agent_id),
        "environments/list" => Lookup(record::list::<Environment>),
        "environments/show" => Lookup(administration::show_named),
        "environments/create" => Change(record::create::<Environment>, None),
        "environments/update" => Change(record::update::<Environment>, environment_id),
        "agent_instances/list" => Lookup(agent_instance::list),
        "agent_instances/show" => Lookup(agent_instance::show_named),
        "agent_instances/register" => Change(agent_instance::register, None),
        "agent_instances/start" => Change(agent_instance::start, instance_id),
        "agent_instances/finish" => Change(agent_instance::finish, instance_id),
        "agent_instances/terminate" => Change(agent_instance::terminate, instance_id),
        "agent_instances/record_quality" => Change(agent_instance::record_quality, instance_id),
        "agent_spans/list" => Lookup(agent_spans::list),
        "agent_spans/create" => Change(agent_spans::create_item, None),
        "agent_spans/finish" => Change(agent_spans::finish, span_id),
        "agent_spans/discard_sensitive" => Change(agent_spans::discard_sensitive, span_id),
        "alerts/list" => Lookup(alerts::list),
        "alerts/raise" => Change(alerts::raise, None),
        "alerts/clear" => Change(alerts::clear, None),
        _ => return None,
    })
}

fn prepare(call: &Call<'_>, item: &Item<'_>) -> Result<Prepared, ErrorResponse> {
    match kind(&item.kind).ok_or_else(|| ErrorResponse::invalid("_type", "is not supported"))? {
        Kind::Lookup(view) => Ok(Prepared::Lookup(view(&Query::from_fields(&item.fields)?, "")?)),
        Kind::Change(action, id_field) => {
            let id = id_field.map(|field| path_id(&item.fields, field)).transpose()?.unwrap_or_default();
            let call = Call { id: &id, body: &item.fields, header_key: None, ..*call };
            action(&call).map(Prepared::Change)
        }
    }
}

/// Returns the identifier that the path of the single request would hold.
fn path_id(fields: &Fields<'_>, long: &'static str) -> Result<String, ErrorResponse> {
    let mut errors = Errors::default();
    let id = fields.text(long, &mut errors).unwrap_or_else(|| fields.required_text("id", &mut errors));
    errors.check()?;
    Ok(id)
}

/// Returns the items if each has a key of its own. Otherwise nothing takes effect.
fn items<'a>(body: &Fields<'a>) -> Result<Vec<Item<'a>>, ErrorResponse> {
    let mut errors = Errors::default();
    let raw: Vec<&RawValue> = body.array("items", &mut errors);
    if raw.is_empty() {
        errors.add("items", "should have at least 1 item(s)");
    }
    let (mut items, mut keys) = (Vec::with_capacity(raw.len()), HashSet::new());
    for value in raw {
        let fields = Fields::part(value)?;
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
