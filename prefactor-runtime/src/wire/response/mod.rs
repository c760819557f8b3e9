//! Parses the parts of an answer that delivery needs, in one pass.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::platform::untrusted_text::untrusted;
use crate::types::status::Terminated;

/// Characters of a termination's reason that are kept.
const MAX_REASON_CHARACTERS: usize = 500;

/// The fields of a registration that hold schemas.
pub(crate) const TYPE_FIELDS: [&str; 7] = [
    "agent_schema_version",
    "span_type_schemas",
    "quality_schemas",
    "alert_schemas",
    "params_schema",
    "result_schema",
    "data_risk",
];

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
    /// The state that a run or a span is in after the request.
    pub(crate) status: Option<Cow<'a, str>>,
    /// The mark of a registration.
    pub(crate) external_identifier: Option<Cow<'a, str>>,
    /// The code of an error.
    pub(crate) code: Option<Cow<'a, str>>,
    /// The message of an error, for people.
    pub(crate) message: Option<Cow<'a, str>>,
    /// The fields that an error complains about.
    pub(crate) fields: Vec<String>,
    /// The control signal to end the run, with its reason. A poll finds it in the instance's status.
    pub(crate) terminate: Option<Terminated>,
    /// The outcomes of the items of a bulk request. `None` in all other answers.
    pub(crate) outputs: Option<Outputs<'a>>,
}

impl ResponseBody<'_> {
    /// Whether a run or a span is said to be in that state.
    pub(crate) fn is(&self, status: &str) -> bool {
        self.status.as_deref() == Some(status)
    }
}

/// The outcomes of items, with their keys, in the order of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outputs<'a>(Vec<(Cow<'a, str>, Output<'a>)>);

/// The outcome of one item. In a `Box`, because a list of them is moved often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output<'a> {
    Success(Box<ResponseBody<'a>>),
    Error(Box<ResponseBody<'a>>),
    /// Neither, or said twice: as good as nothing.
    Unclear,
}

impl<'a> Outputs<'a> {
    /// The outcomes of the items with these keys, which are all different, in their order. There is none for an item
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
    // Checks UTF-8 for the whole body at once, which is faster than for each text.
    let body = std::str::from_utf8(body).ok()?;
    let (mut envelope, mut json) = (Envelope::default(), serde_json::Deserializer::from_str(body));
    Fill(&mut envelope).deserialize(&mut json).ok()?;
    json.end().ok()?;
    let is_success = envelope.is_success()?;
    Some((is_success, *envelope.into_body()))
}

/// An answer, or one output of a bulk answer.
#[derive(Default)]
struct Envelope<'a> {
    status: Option<Cow<'a, str>>,
    has_details: bool,
    control: Option<Value>,
    /// The status of the thing, and why it was terminated.
    thing: Option<Cow<'a, str>>,
    termination_reason: Option<Cow<'a, str>>,
    /// The rest of the answer, read in place.
    body: Box<ResponseBody<'a>>,
}

impl<'a> Envelope<'a> {
    fn is_success(&self) -> Option<bool> {
        match self.status.as_deref()? {
            // A success without content and an error without a code come from a gateway.
            "success" => (self.has_details || self.body.outputs.is_some()).then_some(true),
            "error" => self.body.code.is_some().then_some(false),
            _ => None,
        }
    }

    fn into_body(self) -> Box<ResponseBody<'a>> {
        let mut body = self.body;
        if body.id.as_deref().is_some_and(|id| !is_safe_in_path(id)) {
            body.id = None;
        }
        // Some refusals name the refused field only in their message.
        if let Some(message) = &body.message {
            body.fields.extend(words(message).map(str::to_owned));
        }
        body.terminate = termination(self.control.as_ref()).or_else(|| {
            let is_terminated = self.thing.as_deref() == Some("terminated");
            is_terminated.then(|| Terminated { reason: self.termination_reason.as_deref().map(shown) })
        });
        body.status = self.thing;
        body
    }

    fn into_output(self) -> Output<'a> {
        match self.is_success() {
            Some(true) => Output::Success(self.into_body()),
            Some(false) => Output::Error(self.into_body()),
            None => Output::Unclear,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').filter(|word| {
        matches!(*word, "id" | "pfid" | "partition" | "_type" | "instance") || TYPE_FIELDS.contains(word)
    })
}

/// A text of the server as a program may show it: bounded, and without control characters.
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
trait Fields<'de> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error>;
}

impl<'de> Fields<'de> for Envelope<'de> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        let body = &mut *self.body;
        match &*name {
            "status" => self.status = map.next_value::<Text<'de>>()?.0,
            "code" => body.code = map.next_value::<Text<'de>>()?.0,
            "message" => body.message = map.next_value::<Text<'de>>()?.0,
            "errors" => map.next_value_seed(Fill(&mut Names(&mut body.fields)))?,
            "details" => map.next_value_seed(Fill(&mut Details::begin(self)))?,
            "control" => self.control = Some(map.next_value()?),
            "outputs" => map.next_value_seed(Fill(&mut Named(&mut body.outputs)))?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// Reads the object that was made or changed.
struct Details<'s, 'a>(&'s mut Envelope<'a>);

impl<'s, 'a> Details<'s, 'a> {
    /// Of two objects under the same name the later counts.
    fn begin(envelope: &'s mut Envelope<'a>) -> Self {
        if std::mem::replace(&mut envelope.has_details, true) {
            let ResponseBody { code, message, fields, outputs, .. } = std::mem::take(&mut *envelope.body);
            *envelope.body = ResponseBody { code, message, fields, outputs, ..ResponseBody::default() };
            (envelope.thing, envelope.termination_reason) = (None, None);
        }
        Self(envelope)
    }
}

impl<'de> Fields<'de> for Details<'_, 'de> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        let Envelope { body, thing, termination_reason, .. } = &mut *self.0;
        let place = match &*name {
            "id" => &mut body.id,
            "agent_instance_id" => &mut body.instance_id,
            "schema_name" => &mut body.schema_name,
            "started_at" => &mut body.started_at,
            "external_identifier" => &mut body.external_identifier,
            "status" => thing,
            "termination_reason" => termination_reason,
            _ => return map.next_value::<IgnoredAny>().map(drop),
        };
        *place = map.next_value::<Text<'de>>()?.0;
        Ok(())
    }
}

/// Collects the names of an object's members, and whether its texts mention a partition.
struct Names<'s>(&'s mut Vec<String>);

impl<'de> Fields<'de> for Names<'_> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        self.0.push(name.into_owned());
        let about: Box<RawValue> = map.next_value()?;
        if about.get().contains("partition") {
            self.0.push("partition".to_owned());
        }
        Ok(())
    }
}

/// Takes down outputs, where there is an object with any.
struct Named<'s, 'a>(&'s mut Option<Outputs<'a>>);

impl<'de> Fields<'de> for Named<'_, 'de> {
    fn member<M: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut M) -> Result<(), M::Error> {
        let mut envelope = Envelope::default();
        map.next_value_seed(Fill(&mut envelope))?;
        self.0.get_or_insert_default().0.push((name, envelope.into_output()));
        Ok(())
    }
}

/// Reads an object in place: the parts of an answer are large, and each function on the way would move them.
struct Fill<'s, T>(&'s mut T);

impl<'de, T: Fields<'de>> DeserializeSeed<'de> for Fill<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A text, or nothing where another type of value stands.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyText)
    }
}

macro_rules! ignore_other_types {
    ($value:expr) => {
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a value")
        }

        fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<Self::Value, S::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok($value)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

impl<'de, T: Fields<'de>> Visitor<'de> for Fill<'_, T> {
    type Value = ();

    ignore_other_types!(());

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Text(name)) = map.next_key()? {
            self.0.member(name.unwrap_or_default(), &mut map)?;
        }
        Ok(())
    }
}

struct AnyText;

impl<'de> Visitor<'de> for AnyText {
    type Value = Text<'de>;

    ignore_other_types!(Text(None));

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Text<'de>, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

#[cfg(test)]
mod tests;
