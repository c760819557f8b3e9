//! `/agent_spans`.

use std::time::{Duration, UNIX_EPOCH};

use prefactor::SpanStatus;
use prefactor::api::{Finish, NewSpan, SpanEnd, SpanFilter, Status};
use serde_json::{Value, json};

use crate::Case;

#[tokio::test]
async fn span_is_created_and_finished_with_its_payloads() {
    let case = Case::new();
    let run = case.run().await;
    let spans = case.api.spans();
    let id = case.api.generate_ids(1).await.unwrap()[0];
    let start = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let new = NewSpan::new(&*run.id, "agent:llm_call").with_id(id).with_started_at(start);
    let made = spans.create(new.with_payload(&json!({ "prompt": "why?" }))).await.unwrap();
    assert_eq!((&*made.span.id, &made.span.status), (&*id.to_string(), &Status::Active));
    assert_eq!(
        (made.span.payload.get::<Value>(), made.terminated),
        (Some(json!({ "prompt": "why?" })), None)
    );

    let child = NewSpan::new(&*run.id, "agent:step").with_parent(&*made.span.id);
    let child = spans.create(child.with_status(SpanStatus::Complete).with_result(&7)).await.unwrap().span;
    assert_eq!(child.parent_span_id.as_deref(), Some(&*made.span.id));
    assert_eq!(child.result_payload.unwrap().get::<Value>(), Some(json!({ "result": 7 })));

    let end = SpanEnd::new().with_status(SpanStatus::Failed).with_result(&json!({ "why": "not" }));
    let ended = spans.finish(&made.span.id, end.at(start + Duration::from_secs(2))).await.unwrap();
    let ended = ended.done().unwrap().span;
    assert_eq!((&ended.status, ended.finished_at.unwrap().contains("22:13:22")), (&Status::Failed, true));
}

#[tokio::test]
async fn span_that_had_ended_is_a_result_and_no_error() {
    let case = Case::new();
    let run = case.run().await;
    let span = case.api.spans().create(NewSpan::new(&*run.id, "agent:step")).await.unwrap().span;
    assert!(!case.api.spans().finish(&span.id, SpanEnd::new()).await.unwrap().is_already_finished());
    assert_eq!(case.api.spans().finish(&span.id, SpanEnd::new()).await.unwrap(), Finish::AlreadyFinished);
    let cancel = SpanEnd::new().with_status(SpanStatus::Cancelled);
    let refused = case.api.spans().finish(&span.id, cancel).await.unwrap_err();
    assert!(refused.is_conflict(), "a refused cancellation may have another reason: {refused}");
}

#[tokio::test]
async fn span_of_a_terminated_run_says_so() {
    let case = Case::new();
    let run = case.run().await;
    let _ = case.api.instances().terminate(&run.id, "budget").await.unwrap();
    let made = case.api.spans().create(NewSpan::new(&*run.id, "agent:step")).await.unwrap();
    assert_eq!(made.terminated.unwrap().reason.as_deref(), Some("budget"));
}

#[tokio::test]
async fn sensitive_values_are_hidden_shown_and_forgotten() {
    let case = Case::new();
    let run = case.run().await;
    let marked = json!({ "name": { "$sensitive": "string", "value": "Ada" } });
    let new = NewSpan::new(&*run.id, "agent:step").with_payload(&marked).with_sensitive_encoding(true);
    let span = case.api.spans().create(new).await.unwrap().span;
    let text = |span: &prefactor::api::Span| serde_json::to_string(&span.payload).unwrap();
    assert!(!text(&case.api.spans().get(&span.id).await.unwrap()).contains("Ada"));
    assert!(text(&case.api.spans().get_unredacted(&span.id).await.unwrap()).contains("Ada"));
    case.api.spans().discard_sensitive(&span.id).await.unwrap();
    assert!(!text(&case.api.spans().get_unredacted(&span.id).await.unwrap()).contains("Ada"));
}

#[tokio::test]
async fn spans_are_listed_by_run_and_time() {
    let case = Case::new();
    let (run, other) = (case.run().await, case.run().await);
    let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    for (run, name, seconds) in [(&run, "a:early", 0), (&run, "a:late", 60), (&other, "a:other", 60)] {
        let new = NewSpan::new(&*run.id, name).with_started_at(at(seconds));
        case.api.spans().create(new).await.unwrap();
    }
    let names = async |filter: SpanFilter| {
        let spans = case.api.spans().list(filter).all().await.unwrap();
        spans.into_iter().map(|span| span.schema_name).collect::<Vec<_>>()
    };
    assert_eq!(names(SpanFilter::new().instance_id(&run.id)).await, ["a:early", "a:late"]);
    assert_eq!(names(SpanFilter::new().instance_id(&run.id).since(at(30))).await, ["a:late"]);
    assert_eq!(names(SpanFilter::new().instance_id(&run.id).until(at(30))).await, ["a:early"]);
    let by_agent = SpanFilter::new().agent_id(&run.agent_id).with_summaries().with_risk_level();
    assert_eq!(names(by_agent).await.len(), 3);
}
