//! The operations of spans that tests tell apart by numbers.

use super::super::model::INSTANCE_ID;
use crate::operation::{Account, InstanceKey, SpanFinish, SpanKey, SpanStart};
use crate::payload::{Payload, SideLimits};
use crate::platform::clock::Timestamp;
use crate::types::status::SpanStatus;

pub(crate) const INSTANCE: InstanceKey = InstanceKey(0);

pub(super) fn key(number: u32) -> SpanKey {
    SpanKey::of_number(number)
}

/// The id under which a span goes over the wire.
pub(crate) fn id(number: u32) -> String {
    let account = Account::new(None);
    account.set_partition(INSTANCE_ID.parse().unwrap());
    account.span_id(key(number)).to_string()
}

pub(crate) fn start(instance: InstanceKey, number: u32, parent: Option<u32>) -> SpanStart {
    SpanStart {
        instance,
        key: key(number),
        parent: parent.map(key),
        schema_name: format!("test:{number}").into(),
        status: SpanStatus::Active,
        at: Timestamp::now(),
        payload: Payload::of(SideLimits::default(), &serde_json::json!({ "number": number })),
    }
}

pub(crate) fn finish(instance: InstanceKey, number: u32, status: SpanStatus) -> SpanFinish {
    let result = Payload::of(SideLimits::default(), "done");
    let (has_usage, is_by_reference) = (false, false);
    SpanFinish {
        instance,
        key: key(number),
        status,
        at: Timestamp::now(),
        result,
        has_usage,
        is_by_reference,
    }
}
