//! The table, cell by cell: each word of the API for each call, alone and in bulk, with the facts that tell rows apart.

use super::*;

const FACTS: Facts = Facts {
    via: Via::Single,
    is_repeat: false,
    is_confirmed: true,
    is_cancel: false,
    is_created_cancelled: false,
    has_payload: true,
    has_client_id: true,
    is_second_rename: false,
    may_register_anew: true,
    are_ids_taken: true,
    is_joined: false,
    has_types: false,
    bulk: Support::Supported,
    client_ids: Support::Supported,
};
const WORDS: [Word; 13] = [
    Word::Done,
    Word::DoneUnderOtherId,
    Word::FinalAlready,
    Word::Exists,
    Word::NotFound(Missing::Run),
    Word::NotFound(Missing::Other),
    Word::Unauthorized,
    Word::Forbidden,
    Word::TooLarge,
    Word::Invalid(Fault::Type),
    Word::Invalid(Fault::Id),
    Word::Invalid(Fault::Partition),
    Word::Invalid(Fault::Other),
];
const KINDS: [Kind; 8] = [
    Kind::Ping,
    Kind::Poll,
    Kind::Register,
    Kind::Start,
    Kind::CreateSpan,
    Kind::FinishSpan,
    Kind::Finish,
    Kind::Note,
];

/// A cell in three letters.
fn cell(word: Word, kind: Kind, facts: &Facts) -> &'static str {
    match decide(word, kind, facts) {
        Action::Accept => "ok",
        Action::AcceptServerId => "id!",
        Action::RepeatToConfirm => "id?",
        Action::OpenCircuit => "cir",
        Action::Ignore => "-",
        Action::SendAlone => "sgl",
        Action::LeaveBulk => "blk",
        Action::WithoutPayload => "cut",
        Action::WithServerId => "sid",
        Action::WithoutTypes => "unt",
        Action::FailInsteadOfCancel => "fai",
        Action::PendingFirst => "pen",
        Action::RegisterAnew => "reg",
        Action::GoOn => "go",
        Action::Drop(Loss::Rejected) => "rej",
        Action::Drop(Loss::TooLarge) => "big",
        Action::DropRun => "run",
        Action::LookAgain => "look",
    }
}

fn table(facts: &Facts, kinds: &[Kind]) -> Vec<String> {
    let row = |word| kinds.iter().map(|kind| cell(word, *kind, facts)).collect::<Vec<_>>().join(" ");
    WORDS.into_iter().map(row).collect()
}

#[test]
fn every_word_for_every_call_sent_alone_has_its_action() {
    let expected = [
        // Ping Poll Register Start Create FinishSpan Finish Note
        "- ok ok ok ok ok ok ok",        // done
        "- - id? id? id? id? id? id?",   // done under another id
        "- - rej ok rej ok ok rej",      // final already
        "- - rej ok rej rej ok rej",     // exists
        "- - rej reg reg rej rej rej",   // the run is not found
        "- - rej go rej rej rej rej",    // something else is not found
        "cir - cir cir cir cir cir cir", // unauthorized
        "- - cir run run run run rej",   // forbidden
        "- - big go cut cut big big",    // too large
        "- - rej go rej rej rej rej",    // invalid type
        "- - rej go rej rej rej rej",    // invalid id
        "- - rej go reg rej rej rej",    // another partition
        "- - rej go rej rej rej rej",    // invalid
    ];
    assert_eq!(table(&FACTS, &KINDS), expected);
}

#[test]
fn error_for_a_call_sent_alone_is_repeated_until_it_is_confirmed_unless_it_says_that_nothing_may_be_sent() {
    let first = Facts { is_confirmed: false, ..FACTS };
    let expected = [
        // Ping Poll Register Start Create FinishSpan Finish Note
        "- ok ok ok ok ok ok ok",        // done
        "- - id? id? id? id? id? id?",   // done under another id
        "- - id? id? id? id? id? id?",   // final already
        "- - id? id? id? id? id? id?",   // exists
        "- - id? id? id? id? id? id?",   // the run is not found
        "- - id? id? id? id? id? id?",   // something else is not found
        "cir - cir cir cir cir cir cir", // unauthorized
        "- - cir id? id? id? id? id?",   // forbidden
        "- - id? id? id? id? id? id?",   // too large
        "- - id? id? id? id? id? id?",   // invalid type
        "- - id? id? id? id? id? id?",   // invalid id
        "- - id? id? id? id? id? id?",   // another partition
        "- - id? id? id? id? id? id?",   // invalid
    ];
    assert_eq!(table(&first, &KINDS), expected);
    let bulk = Facts { via: Via::Bulk, ..FACTS };
    let spans = [Kind::CreateSpan, Kind::FinishSpan];
    assert_eq!(table(&Facts { is_confirmed: false, ..bulk }, &spans), table(&bulk, &spans));
}

#[test]
fn registration_refused_for_its_types_goes_without_them_if_it_has_any() {
    let word = Word::Invalid(Fault::Types);
    assert_eq!(decide(word, Kind::Register, &Facts { has_types: true, ..FACTS }), Action::WithoutTypes);
    assert_eq!(decide(word, Kind::Register, &FACTS), Action::Drop(Loss::Rejected));
    for field in TYPE_FIELDS {
        let body = ResponseBody { fields: vec![field.to_owned()], ..ResponseBody::default() };
        assert_eq!(word_of_error(Some(422), &body), word);
    }
}

#[test]
fn every_word_for_a_span_in_bulk_has_its_action() {
    let spans = [Kind::CreateSpan, Kind::FinishSpan];
    let supported = Facts { via: Via::Bulk, ..FACTS };
    let expected = [
        "ok ok", "id? id?", "rej ok", "rej rej", "reg rej", "rej rej", "cir cir", "run run", "sgl sgl",
        "blk blk", "rej rej", "reg rej", "rej rej",
    ];
    assert_eq!(table(&supported, &spans), expected);
    let untested = Facts { bulk: Support::Untested, ..supported };
    let expected = [
        "ok ok", "id? id?", "sgl ok", "sgl sgl", "reg sgl", "sgl sgl", "cir cir", "run run", "sgl sgl",
        "blk blk", "sgl sgl", "reg sgl", "sgl sgl",
    ];
    assert_eq!(table(&untested, &spans), expected);
}

#[test]
fn each_fact_moves_the_cells_that_it_is_for_and_no_other() {
    /// The cells that differ from those of the facts as they are, as word, call and action.
    fn moved(facts: Facts, base: Facts) -> Vec<(Word, Kind, &'static str)> {
        let cells = WORDS.into_iter().flat_map(|word| KINDS.map(|kind| (word, kind)));
        let of = |(word, kind), facts: &Facts| (word, kind, cell(word, kind, facts));
        cells
            .map(|at| (of(at, &facts), of(at, &base)))
            .filter(|(new, old)| new != old)
            .map(|(new, _)| new)
            .collect()
    }
    let repeat = Facts { is_repeat: true, ..FACTS };
    assert_eq!(
        moved(repeat, FACTS),
        [
            (Word::FinalAlready, Kind::CreateSpan, "ok"),
            (Word::FinalAlready, Kind::Note, "ok"),
            (Word::Exists, Kind::CreateSpan, "ok"),
            (Word::Exists, Kind::Note, "ok"),
        ]
    );
    let unnamed = Facts { has_client_id: false, ..FACTS };
    let unnamed_repeat = Facts { is_repeat: true, ..unnamed };
    assert_eq!(
        moved(unnamed_repeat, unnamed),
        [(Word::FinalAlready, Kind::Note, "ok"), (Word::Exists, Kind::Note, "ok")],
        "a conflict that names no span"
    );
    let cancelled = Facts { is_created_cancelled: true, ..FACTS };
    assert_eq!(
        moved(cancelled, FACTS),
        [
            (Word::FinalAlready, Kind::CreateSpan, "pen"),
            (Word::Exists, Kind::CreateSpan, "pen"),
            (Word::Invalid(Fault::Other), Kind::CreateSpan, "pen"),
        ]
    );
    let cancel = Facts { is_cancel: true, ..FACTS };
    let invalid = [Fault::Type, Fault::Id, Fault::Partition, Fault::Other]
        .map(|fault| (Word::Invalid(fault), Kind::FinishSpan, "fai"));
    let mut expected =
        vec![(Word::FinalAlready, Kind::FinishSpan, "fai"), (Word::Exists, Kind::FinishSpan, "fai")];
    expected.extend(invalid);
    assert_eq!(moved(cancel, FACTS), expected);
    let slim = Facts { has_payload: false, ..FACTS };
    assert_eq!(
        moved(slim, FACTS),
        [(Word::TooLarge, Kind::CreateSpan, "big"), (Word::TooLarge, Kind::FinishSpan, "big")]
    );
    let server_id = Facts { has_client_id: false, ..FACTS };
    assert_eq!(moved(server_id, FACTS), [(Word::DoneUnderOtherId, Kind::CreateSpan, "id!")]);
    let second = Facts { is_second_rename: true, ..FACTS };
    assert_eq!(moved(second, FACTS), [(Word::DoneUnderOtherId, Kind::CreateSpan, "id!")]);
    let anew = Facts { may_register_anew: false, is_joined: false, ..FACTS };
    assert_eq!(
        moved(anew, FACTS),
        [
            (Word::NotFound(Missing::Run), Kind::Start, "go"),
            (Word::NotFound(Missing::Run), Kind::CreateSpan, "rej"),
            (Word::Invalid(Fault::Partition), Kind::CreateSpan, "rej"),
        ]
    );
    assert_eq!(moved(Facts { are_ids_taken: false, ..FACTS }, FACTS), [], "ids of others were taken");
    let untested_ids = Facts { client_ids: Support::Untested, ..FACTS };
    assert_eq!(moved(untested_ids, FACTS), [(Word::Invalid(Fault::Id), Kind::CreateSpan, "sid")]);
    let never_taken = Facts { are_ids_taken: false, ..untested_ids };
    assert_eq!(
        moved(never_taken, untested_ids),
        [(Word::Invalid(Fault::Partition), Kind::CreateSpan, "sid")]
    );
    assert_eq!(moved(Facts { bulk: Support::Untested, ..FACTS }, FACTS), [], "of no effect alone");
}

#[test]
fn error_is_read_by_its_status_and_its_code() {
    let body = |code: &'static str, fields: &[&str]| ResponseBody {
        code: Some(code.into()),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        ..ResponseBody::default()
    };
    for (status, code, fields, word) in [
        (Some(401), "bad_authtoken", &[][..], Word::Unauthorized),
        (Some(403), "anything", &[], Word::Forbidden),
        (None, "forbidden", &[], Word::Forbidden),
        (Some(413), "payload_too_large", &[], Word::TooLarge),
        (Some(409), "invalid_action", &[], Word::FinalAlready),
        (None, "invalid_action", &[], Word::FinalAlready),
        (Some(409), "conflict", &[], Word::Exists),
        (Some(404), "not_found", &["instance"], Word::NotFound(Missing::Run)),
        (Some(422), "validation_errors", &["agent_instance_id"], Word::NotFound(Missing::Run)),
        (Some(404), "not_found", &[], Word::NotFound(Missing::Other)),
        (None, "not_found", &["id"], Word::NotFound(Missing::Other)),
        (Some(422), "validation_errors", &["_type"], Word::Invalid(Fault::Type)),
        (Some(422), "validation_errors", &["id"], Word::Invalid(Fault::Id)),
        (Some(422), "validation_errors", &["id", "partition"], Word::Invalid(Fault::Partition)),
        (Some(400), "bad_request", &[], Word::Invalid(Fault::Other)),
    ] {
        assert_eq!(word_of_error(status, &body(code, fields)), word, "{status:?} {code} {fields:?}");
    }
}

#[test]
fn bulk_request_refused_as_a_whole_gets_smaller_before_it_is_given_up() {
    use Support::{Supported, Untested};
    for (status, items, bulk, action) in [
        (401, 100, Untested, BulkAction::OpenCircuit),
        (413, 100, Supported, BulkAction::FewerBytes),
        (404, 100, Untested, BulkAction::LeaveBulk),
        (405, 100, Untested, BulkAction::LeaveBulk),
        (415, 100, Untested, BulkAction::LeaveBulk),
        (501, 100, Untested, BulkAction::LeaveBulk),
        (404, 100, Supported, BulkAction::FewerItems),
        (422, 100, Untested, BulkAction::FewerItems),
        (422, 2, Untested, BulkAction::LeaveBulk),
        (422, 2, Supported, BulkAction::FewerItems),
    ] {
        assert_eq!(decide_bulk(status, items, bulk), action, "{status} {items} {bulk:?}");
    }
}

#[test]
fn run_of_a_caller_in_another_process_is_looked_for_and_never_registered_anew() {
    let joined = Facts { is_joined: true, ..FACTS };
    let look = |word| decide(word, Kind::Register, &joined);
    for missing in [Missing::Run, Missing::Other] {
        assert_eq!(look(Word::NotFound(missing)), Action::LookAgain);
    }
    // A token that may write is not always allowed to read.
    for word in [Word::Unauthorized, Word::Forbidden] {
        assert_eq!(look(word), Action::DropRun);
        assert_eq!(decide(word, Kind::Register, &FACTS), Action::OpenCircuit);
    }
    // A joined run comes from a header, which must not change how other runs are delivered.
    let create = Facts { has_client_id: true, client_ids: Support::Untested, ..joined };
    assert_eq!(decide(Word::Invalid(Fault::Id), Kind::CreateSpan, &create), Action::Drop(Loss::Rejected));
}
