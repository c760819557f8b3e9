//! Answers, as far as they matter to delivery: read in one pass, whatever else is in them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::platform::untrusted_text::untrusted;
use crate::types::status::Terminated;

/// Characters of a termination's reason that are kept.
const MAX_REASON_CHARACTERS: usize = 500;

/// The parts of an answer that matter to delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseBody<'a> {
    /// The id of the thing made or changed.
    pub(crate) id: Option<Cow<'a, str>>,
    /// The run that a span belongs to.
    pub(crate) instance_id: Option<Cow<'a, str>>,
    /// The name of a span.
    pub(crate) schema_name: Option<Cow<'a, str>>,
    /// The start of a span.
    pub(crate) started_at: Option<Cow<'a, str>>,
    /// The mark of a registration.
    pub(crate) external_identifier: Option<Cow<'a, str>>,
    /// The code of an error.
    pub(crate) code: Option<Cow<'a, str>>,
    /// The fields that an error complains about.
    pub(crate) fields: Vec<String>,
    /// The control signal to end the run, with its reason. A poll finds it in the instance's status.
    pub(crate) terminate: Option<Terminated>,
    /// What became of the items of a bulk request. `None` in all other answers.
    pub(crate) outputs: Option<Outputs<'a>>,
}

/// What became of items, with their keys, in the order of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outputs<'a>(Vec<(Cow<'a, str>, Output<'a>)>);

/// What became of one item. In a `Box`, because a list of them is moved about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output<'a> {
    Success(Box<ResponseBody<'a>>),
    Error(Box<ResponseBody<'a>>),
    /// Neither, or said twice: as good as nothing.
    Unclear,
}

impl<'a> Outputs<'a> {
    /// What became of the items with these keys, which are all different, in their order. Nothing became of an item
    /// that is not named, or named twice.
    pub(crate) fn of(self, keys: &[&str]) -> Vec<Output<'a>> {
        let is_in_order =
            self.0.len() <= keys.len() && self.0.iter().zip(keys).all(|((key, _), of)| key == of);
        let mut outputs: Vec<_> = if is_in_order {
            self.0.into_iter().map(|(_, output)| output).collect()
        } else {
            let mut by_key = HashMap::with_capacity(self.0.len());
            for (key, output) in self.0 {
                by_key.entry(key).and_modify(|output| *output = Output::Unclear).or_insert(output);
            }
            keys.iter().map(|key| by_key.remove(*key).unwrap_or(Output::Unclear)).collect()
        };
        outputs.resize(keys.len(), Output::Unclear);
        outputs
    }
}

/// Reads an answer, or `None` when it is not the API's protocol: not JSON, or without its `status`.
pub(crate) fn read(body: &[u8]) -> Option<(bool, ResponseBody<'_>)> {
    // Looked at as a whole, which is faster than text by text.
    let body = std::str::from_utf8(body).ok()?;
    let Lenient(envelope) = serde_json::from_str::<Lenient<Envelope<'_>>>(body).ok()?;
    let is_success = envelope.is_success()?;
    Some((is_success, envelope.into_body()))
}

/// An answer, or one output of a bulk answer.
#[derive(Default)]
struct Envelope<'a> {
    status: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    message: Option<Cow<'a, str>>,
    errors: Vec<String>,
    details: Option<Details<'a>>,
    control: Option<Value>,
    outputs: Option<Outputs<'a>>,
}

#[derive(Default)]
struct Details<'a> {
    id: Option<Cow<'a, str>>,
    agent_instance_id: Option<Cow<'a, str>>,
    schema_name: Option<Cow<'a, str>>,
    started_at: Option<Cow<'a, str>>,
    external_identifier: Option<Cow<'a, str>>,
    status: Option<Cow<'a, str>>,
    termination_reason: Option<Cow<'a, str>>,
}

impl<'a> Envelope<'a> {
    fn is_success(&self) -> Option<bool> {
        match self.status.as_deref()? {
            // Every success shows what it did.
            "success" => (self.details.is_some() || self.outputs.is_some()).then_some(true),
            // Every error has a code; what has none is a gateway's.
            "error" => self.code.is_some().then_some(false),
            _ => None,
        }
    }

    fn into_body(self) -> ResponseBody<'a> {
        let details = self.details.unwrap_or_default();
        let mut fields = self.errors;
        // Some refusals name what they refuse in their message only.
        fields.extend(self.message.iter().flat_map(|message| words(message)).map(str::to_owned));
        ResponseBody {
            id: details.id.filter(|id| is_safe_in_path(id)),
            instance_id: details.agent_instance_id,
            schema_name: details.schema_name,
            started_at: details.started_at,
            external_identifier: details.external_identifier,
            code: self.code,
            fields,
            terminate: termination(self.control.as_ref()).or_else(|| {
                let is_terminated = details.status.as_deref() == Some("terminated");
                is_terminated
                    .then(|| Terminated { reason: details.termination_reason.map(|reason| shown(&reason)) })
            }),
            outputs: self.outputs,
        }
    }

    fn into_output(self) -> Output<'a> {
        match self.is_success() {
            Some(true) => Output::Success(Box::new(self.into_body())),
            Some(false) => Output::Error(Box::new(self.into_body())),
            None => Output::Unclear,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| matches!(*word, "id" | "pfid" | "partition" | "_type" | "instance"))
}

/// A text of the server as a program may show it: bounded, and without what a terminal would act on.
fn shown(text: &str) -> String {
    untrusted(text, MAX_REASON_CHARACTERS)
}

pub(crate) fn termination(control: Option<&Value>) -> Option<Terminated> {
    let control = control?;
    control.get("terminate").and_then(Value::as_bool).filter(|terminate| *terminate)?;
    Some(Terminated { reason: control.get("reason").and_then(Value::as_str).map(shown) })
}

/// Ids of the server end up in paths: nothing that could climb out of one is taken over.
fn is_safe_in_path(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// An object, read member by member. Where another type of value stands, it is as if nothing was in it.
trait Fields<'de>: Default {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error>;
}

struct Lenient<T>(T);

impl<'de> Fields<'de> for Envelope<'de> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        match &*name {
            "status" => self.status = map.next_value::<Text<'de>>()?.0,
            "code" => self.code = map.next_value::<Text<'de>>()?.0,
            "message" => self.message = map.next_value::<Text<'de>>()?.0,
            "errors" => self.errors = map.next_value::<Lenient<Names>>()?.0.0,
            "details" => self.details = Some(map.next_value::<Lenient<Details<'de>>>()?.0),
            "control" => self.control = Some(map.next_value()?),
            "outputs" => self.outputs = map.next_value::<Lenient<Named<'de>>>()?.0.0,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'de> Fields<'de> for Details<'de> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        match &*name {
            "id" => self.id = map.next_value::<Text<'de>>()?.0,
            "agent_instance_id" => self.agent_instance_id = map.next_value::<Text<'de>>()?.0,
            "schema_name" => self.schema_name = map.next_value::<Text<'de>>()?.0,
            "started_at" => self.started_at = map.next_value::<Text<'de>>()?.0,
            "external_identifier" => self.external_identifier = map.next_value::<Text<'de>>()?.0,
            "status" => self.status = map.next_value::<Text<'de>>()?.0,
            "termination_reason" => self.termination_reason = map.next_value::<Text<'de>>()?.0,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// The names of an object's members.
#[derive(Default)]
struct Names(Vec<String>);

impl<'de> Fields<'de> for Names {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        self.0.push(name.into_owned());
        map.next_value::<IgnoredAny>().map(drop)
    }
}

/// Outputs, where there is an object with any.
#[derive(Default)]
struct Named<'a>(Option<Outputs<'a>>);

impl<'de> Fields<'de> for Named<'de> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        let output = map.next_value::<Lenient<Envelope<'de>>>()?.0.into_output();
        self.0.get_or_insert_default().0.push((name, output));
        Ok(())
    }
}

impl<'de, T: Fields<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any(PhantomData)).map(Self)
    }
}

/// A text, or nothing where another type of value stands.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// What is made of a value of any type.
trait FromAny<'de>: Sized {
    fn nothing() -> Self;

    fn from_text(text: Cow<'de, str>) -> Self {
        drop(text);
        Self::nothing()
    }

    fn from_map<M: MapAccess<'de>>(mut map: M) -> Result<Self, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::nothing())
    }
}

impl<'de> FromAny<'de> for Text<'de> {
    fn nothing() -> Self {
        Self(None)
    }

    fn from_text(text: Cow<'de, str>) -> Self {
        Self(Some(text))
    }
}

impl<'de, T: Fields<'de>> FromAny<'de> for T {
    fn nothing() -> Self {
        Self::default()
    }

    fn from_map<M: MapAccess<'de>>(mut map: M) -> Result<Self, M::Error> {
        let mut fields = Self::default();
        while let Some(Text(name)) = map.next_key()? {
            fields.member(name.unwrap_or_default(), &mut map)?;
        }
        Ok(fields)
    }
}

struct Any<T>(PhantomData<T>);

impl<'de, T: FromAny<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
        T::from_map(map)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<T, S::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::nothing())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_u64<E>(self, _: u64) -> Result<T, E> {
        Ok(T::nothing())
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::nothing())
    }
}

#[cfg(test)]
mod tests;
