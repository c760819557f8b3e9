//! Why was this rejected, and what now: the one table of what the API's word means for a call.
//!
//! [`classify`](crate::wire::classify) has told the API's own word from everything else; what is not its word is repeated and
//! decides nothing. Here stands, row by row, what its word means: response × call × what is known → action. The core and the
//! instance only carry the action out.
//!
//! The codes are those of the API's closed list of errors. `409 invalid_action` says that an object is in a final state
//! already; `409 conflict` that an object with this id exists; `404 not_found` that the object or the path does not exist;
//! `403 forbidden` that the token may not touch the object; `413` that the body is too large; `422 validation_errors` names
//! the fields at fault. An item of a bulk request has no HTTP status: its code says the same.

use super::capability::Support;
use crate::wire::{ResponseBody, TYPE_FIELDS};

/// The word of the API about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// A success that names what was sent.
    Done,
    /// A success of a create that names the run, the name and the start that were sent, under another id, never seen before.
    DoneUnderOtherId,
    /// The object is in a final state already.
    FinalAlready,
    /// An object with this id exists.
    Exists,
    /// The object does not exist.
    NotFound(Missing),
    /// The token is not accepted.
    Unauthorized,
    /// The token may not touch the object.
    Forbidden,
    /// The body is too large.
    TooLarge,
    /// Some field is at fault.
    Invalid(Fault),
}

/// The object that does not exist, as far as the API tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Run,
    Other,
}

/// The field that the API complains about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The kind of an item of a bulk request.
    Type,
    /// The id that the client made.
    Id,
    /// The partition of that id, which is another than the account's.
    Partition,
    /// The schemas of the registration.
    Types,
    Other,
}

/// The kind of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ping,
    Poll,
    Register,
    Start,
    CreateSpan,
    FinishSpan,
    Finish,
    Note,
}

/// How a call was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// In a request of its own.
    Single,
    /// As an item of a bulk request.
    Bulk,
}

/// Facts about a call besides the response.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct Facts {
    pub(crate) via: Via,
    /// It was sent before, so that the server may have applied it.
    pub(crate) is_repeat: bool,
    /// The same bytes got the same error before, over another connection; or such an error was the API's for certain, and every
    /// request since got an answer of the API.
    pub(crate) is_confirmed: bool,
    /// It cancels a span that has started.
    pub(crate) is_cancel: bool,
    /// It makes a span that is cancelled from the beginning.
    pub(crate) is_created_cancelled: bool,
    /// It carries a payload that can be left out.
    pub(crate) has_payload: bool,
    /// It carries an id that the client made.
    pub(crate) has_client_id: bool,
    /// Another create came back under another id before.
    pub(crate) is_second_rename: bool,
    /// The run may be registered anew: something of it was accepted since it was registered last; or a span was refused, and
    /// the run was not registered anew before.
    pub(crate) may_register_anew: bool,
    /// An id of the client's was taken in the run since it was registered last.
    pub(crate) are_ids_taken: bool,
    /// The run is that of a caller in another process.
    pub(crate) is_joined: bool,
    /// The registration says something of the types of spans.
    pub(crate) has_types: bool,
    /// Whether the API takes this kind of item in bulk requests.
    pub(crate) bulk: Support,
    /// Whether the API takes the client's ids.
    pub(crate) client_ids: Support,
}

/// The decision about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It took effect.
    Accept,
    /// It took effect under the server's id; the API makes the ids from now on.
    AcceptServerId,
    /// Send the same bytes again at once, over a new connection: one such response is no proof.
    RepeatToConfirm,
    /// Nothing is sent for a while, then the same bytes: the token is not accepted.
    OpenCircuit,
    /// Nothing follows from it.
    Ignore,
    /// Send it in a request of its own, which tells whether the item or the way was at fault.
    SendAlone,
    /// As [`Action::SendAlone`], and no more items of its kind go in bulk requests.
    LeaveBulk,
    /// Encode it without its payload.
    WithoutPayload,
    /// Encode it without an id: the API makes it.
    WithServerId,
    /// Encode it without a word of the types of spans.
    WithoutTypes,
    /// Encode it as failed: the API does not cancel spans that have started.
    FailInsteadOfCancel,
    /// Look for the caller's run again after a while: its registration may be on its way from the caller's process.
    LookAgain,
    /// Make the span pending, then cancel it: the API does not take spans that are cancelled from the beginning.
    PendingFirst,
    /// Register the run again: the server has started anew and does not know it.
    RegisterAnew,
    /// Go on as if it were accepted: nothing depends on it.
    GoOn,
    /// Give the call up, and what cannot be without it.
    Drop(Loss),
    /// Give up the run: everything of it will be refused.
    DropRun,
}

/// Why a call is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Rejected,
    TooLarge,
}

/// The table. Rows are read from above; the first that matches holds.
#[rustfmt::skip]
#[expect(clippy::match_same_arms, reason = "one arm is one row of the table")]
pub(crate) fn decide(word: Word, kind: Kind, facts: &Facts) -> Action {
    use Kind::{CreateSpan, Finish, FinishSpan, Note, Ping, Poll, Register, Start};
    let is_bulk = facts.via == Via::Bulk;
    match (word, kind) {
        // Of the answers to pings and polls, only a refused token matters elsewhere.
        (Word::Unauthorized, Ping) => Action::OpenCircuit,
        (Word::Done, Poll) => Action::Accept,
        (_, Ping | Poll) => Action::Ignore,

        (Word::Done, _) => Action::Accept,
        (Word::DoneUnderOtherId, CreateSpan) if !facts.has_client_id => Action::AcceptServerId,
        (Word::DoneUnderOtherId, CreateSpan) if facts.is_second_rename => Action::AcceptServerId,
        (Word::DoneUnderOtherId, _) => Action::RepeatToConfirm,

        // A joined run is looked up instead of registered.
        (Word::NotFound(_), Register) if facts.is_joined => Action::LookAgain,
        (Word::Forbidden, Register) if !facts.is_joined => Action::OpenCircuit,
        (Word::Unauthorized, _) if kind != Register || !facts.is_joined => Action::OpenCircuit,

        // An error names no object: behind a proxy that is one answer out of step, it is another request's. In a bulk request it
        // has the key of its item.
        _ if !is_bulk && !facts.is_confirmed => Action::RepeatToConfirm,

        // A token may be valid although it may not read the run.
        (Word::Unauthorized | Word::Forbidden, Register) => Action::DropRun,
        // A token may be allowed to record spans and not to terminate runs.
        (Word::Forbidden, Note) => Action::Drop(Loss::Rejected),
        (Word::Forbidden, _) => Action::DropRun,

        // The call had taken effect before: its answer was lost, or the platform ended the object itself.
        (Word::FinalAlready | Word::Exists, Start | Finish) => Action::Accept,
        (Word::FinalAlready | Word::Exists, Note) if facts.is_repeat => Action::Accept,
        // Which span exists is said by its id alone.
        (Word::FinalAlready | Word::Exists, CreateSpan) if facts.is_repeat && facts.has_client_id => Action::Accept,
        // A first cancellation may be refused because the span is active, not because it is final.
        (Word::FinalAlready, FinishSpan) if facts.is_repeat || !facts.is_cancel => Action::Accept,

        (Word::NotFound(Missing::Run), Start | CreateSpan) if facts.may_register_anew => Action::RegisterAnew,
        // The server's partition is not the one under which it accepted ids before, so the server has been replaced.
        (Word::Invalid(Fault::Partition), CreateSpan) if facts.may_register_anew
            && (facts.are_ids_taken || facts.client_ids == Support::Supported) => Action::RegisterAnew,

        (Word::Invalid(Fault::Type), CreateSpan | FinishSpan) if is_bulk => Action::LeaveBulk,
        (Word::Invalid(Fault::Id | Fault::Partition), CreateSpan) if is_bulk && facts.bulk == Support::Supported && facts.has_client_id
            && facts.client_ids != Support::Supported && !facts.is_joined => Action::WithServerId,
        (Word::FinalAlready | Word::Exists | Word::Invalid(_), FinishSpan) if is_bulk && facts.bulk == Support::Supported
            && facts.is_cancel => Action::FailInsteadOfCancel,
        (Word::FinalAlready | Word::Exists | Word::Invalid(Fault::Other | Fault::Types), CreateSpan) if is_bulk && facts.bulk == Support::Supported
            && facts.is_created_cancelled => Action::PendingFirst,
        (_, CreateSpan | FinishSpan) if is_bulk && facts.bulk != Support::Supported => Action::SendAlone,
        (Word::TooLarge, CreateSpan | FinishSpan) if is_bulk => Action::SendAlone,

        (Word::Invalid(Fault::Types), Register) if facts.has_types => Action::WithoutTypes,
        (Word::TooLarge, CreateSpan | FinishSpan) if facts.has_payload => Action::WithoutPayload,
        (Word::Invalid(Fault::Id | Fault::Partition), CreateSpan) if facts.has_client_id && facts.client_ids != Support::Supported && !facts.is_joined
            => Action::WithServerId,
        (Word::FinalAlready | Word::Exists | Word::Invalid(_), FinishSpan) if facts.is_cancel
            => Action::FailInsteadOfCancel,

        (Word::FinalAlready | Word::Exists | Word::Invalid(Fault::Other | Fault::Types), CreateSpan) if facts.is_created_cancelled
            => Action::PendingFirst,

        (_, Start) => Action::GoOn,
        (Word::TooLarge, _) => Action::Drop(Loss::TooLarge),
        (_, Register | CreateSpan | FinishSpan | Finish | Note) => Action::Drop(Loss::Rejected),
    }
}

/// The decision after the API has refused a whole bulk request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BulkAction {
    OpenCircuit,
    /// Send fewer bytes in one request.
    FewerBytes,
    /// Send fewer items in one request: there are too many, or one spoils the whole. The last one goes alone.
    FewerItems,
    /// Send no bulk requests any more.
    LeaveBulk,
}

/// Where even a bulk request of so many items is refused as a whole, it is not their number.
const SMALLEST_BULK: usize = 2;

/// The table for bulk requests that are refused as a whole.
pub(crate) fn decide_bulk(status: u16, items: usize, bulk: Support) -> BulkAction {
    let is_no_path = matches!(status, 404 | 405 | 415 | 501) || items <= SMALLEST_BULK;
    match status {
        401 => BulkAction::OpenCircuit,
        413 => BulkAction::FewerBytes,
        _ if is_no_path && bulk != Support::Supported => BulkAction::LeaveBulk,
        _ => BulkAction::FewerItems,
    }
}

/// Whether the API refused the token where it was asked about it.
pub(crate) fn is_token_refused_at_ping(word: Word) -> bool {
    let facts = Facts {
        via: Via::Single,
        is_repeat: false,
        is_confirmed: false,
        is_cancel: false,
        is_created_cancelled: false,
        has_payload: false,
        has_client_id: false,
        is_second_rename: false,
        may_register_anew: false,
        are_ids_taken: false,
        is_joined: false,
        has_types: false,
        bulk: Support::Untested,
        client_ids: Support::Untested,
    };
    decide(word, Kind::Ping, &facts) == Action::OpenCircuit
}

/// The word of an error: by its HTTP status and code, or by its code alone where an item has no status.
pub(crate) fn word_of_error(status: Option<u16>, body: &ResponseBody<'_>) -> Word {
    let names = |field: &str| body.fields.iter().any(|name| name == field);
    let code = body.code.as_deref().unwrap_or_default();
    match (status, code) {
        (Some(401), _) => Word::Unauthorized,
        (Some(403), _) | (_, "forbidden") => Word::Forbidden,
        (Some(413), _) | (_, "payload_too_large") => Word::TooLarge,
        (_, "invalid_action") => Word::FinalAlready,
        (Some(409), _) | (_, "conflict") => Word::Exists,
        (Some(404), _) | (_, "not_found") if names("instance") => Word::NotFound(Missing::Run),
        _ if names("agent_instance_id") => Word::NotFound(Missing::Run),
        (Some(404), _) | (_, "not_found") => Word::NotFound(Missing::Other),
        _ if names("_type") => Word::Invalid(Fault::Type),
        _ if TYPE_FIELDS.into_iter().any(names) => Word::Invalid(Fault::Types),
        _ if names("partition") => Word::Invalid(Fault::Partition),
        _ if ["id", "pfid"].into_iter().any(names) => Word::Invalid(Fault::Id),
        _ => Word::Invalid(Fault::Other),
    }
}

#[cfg(test)]
mod tests;
