//! `/bulk`.

use prefactor::SpanStatus;
use prefactor::api::{Bulk, BulkResult, NewSpan, SpanEnd, SpanFilter, Status};
use serde_json::{Value, json};

use crate::Case;

#[tokio::test]
async fn actions_are_done_in_order_in_one_request() {
    let case = Case::new();
    let run = case.run().await;
    let id = case.api.generate_ids(1).await.unwrap()[0];
    let mut bulk = Bulk::new();
    bulk.create_span(NewSpan::new(&*run.id, "agent:step").with_id(id))
        .finish_span(id, SpanEnd::new().with_status(SpanStatus::Failed).with_result(&json!({ "n": 1 })))
        .register("another")
        .action("agent_instances/show", &json!({ "agent_instance_id": run.id }));
    assert_eq!((bulk.len(), bulk.is_empty()), (4, false));
    let before = case.requests();
    let results = case.api.bulk(bulk).await.unwrap();
    assert_eq!(case.requests() - before, 1);
    assert!(results.iter().all(BulkResult::is_done), "{results:?}");
    let object = |number: usize| match &results[number] {
        BulkResult::Done(object) => object.get::<Value>().unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!((&object(2)["status"], &object(3)["id"]), (&json!("pending"), &json!(run.id)));
    let span = case.api.spans().list(SpanFilter::new().instance_id(&run.id)).all().await.unwrap().remove(0);
    assert_eq!((span.status, span.result_payload.unwrap().get()), (Status::Failed, Some(json!({ "n": 1 }))));
}

#[tokio::test]
async fn action_after_a_refused_one_is_not_tried() {
    let case = Case::new();
    let run = case.run().await;
    let mut bulk = Bulk::new();
    bulk.create_span(NewSpan::new(&*run.id, "a:first"))
        .create_span(NewSpan::new("no such run", "a:second"))
        .create_span(NewSpan::new(&*run.id, "a:third"));
    let results = case.api.bulk(bulk).await.unwrap();
    let BulkResult::Refused(error) = &results[1] else { panic!("{results:?}") };
    assert!(error.is_refused() && error.code().is_some() && error.http_status().is_none(), "{error}");
    assert!(results[0].is_done() && matches!(results[2], BulkResult::NotTried), "{results:?}");
}

#[tokio::test]
async fn request_without_actions_is_not_sent() {
    let case = Case::new();
    assert!(case.api.bulk(Bulk::new()).await.unwrap().is_empty());
    assert_eq!(case.requests(), 0);
}
