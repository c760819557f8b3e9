//! `/agent_instance`.

use std::time::{Duration, UNIX_EPOCH};

use prefactor::api::{Finish, InstanceDetails, InstanceFilter, Status};
use prefactor::schema::{NamedSchema, SchemaRegistry};
use prefactor::{Agent, Client, InstanceStatus, Purpose, Registration};
use serde_json::{Value, json};

use crate::Case;

#[tokio::test]
async fn run_is_registered_started_and_finished() {
    let case = Case::new();
    let instances = case.api.instances();
    let registration = Registration::new(Agent::new("researcher").with_version("2.1"))
        .with_external_identifier("nightly-7")
        .with_purpose(Purpose::Eval);
    let run = instances.register(registration).await.unwrap();
    assert_eq!((&run.status, run.purpose.as_deref()), (&Status::Pending, Some("eval")));
    assert_eq!(run.external_identifier.as_deref(), Some("nightly-7"));

    let started = instances.start_at(&run.id, UNIX_EPOCH + Duration::from_millis(1_700_000_000_123)).await;
    let started = started.unwrap();
    assert_eq!(started.status, Status::Active);
    assert!(started.started_at.unwrap().starts_with("2023-11-14T22:13:20.123"));

    let ended = instances.finish(&run.id, InstanceStatus::Failed).await.unwrap();
    assert_eq!(ended.done().unwrap().status, Status::Failed);
}

#[tokio::test]
async fn run_that_had_ended_is_a_result_and_no_error() {
    let case = Case::new();
    let run = case.run().await;
    let instances = case.api.instances();
    assert!(!instances.finish(&run.id, InstanceStatus::Complete).await.unwrap().is_already_finished());
    let again = instances.finish(&run.id, InstanceStatus::Failed).await.unwrap();
    assert_eq!(again, Finish::AlreadyFinished);
    assert_eq!(instances.terminate(&run.id, "late").await.unwrap(), Finish::AlreadyFinished);
    assert_eq!(instances.get(&run.id).await.unwrap().status, Status::Complete, "nothing was changed");
}

#[tokio::test]
async fn run_is_terminated_with_a_reason() {
    let case = Case::new();
    let run = case.run().await;
    let ended = case.api.instances().terminate(&run.id, "budget").await.unwrap().done().unwrap();
    assert_eq!((ended.status, ended.termination_reason.as_deref()), (Status::Terminated, Some("budget")));
}

#[tokio::test]
async fn quality_is_recorded_by_name_and_taken_back() {
    let case = Case::new();
    let mut schemas = SchemaRegistry::new();
    schemas.add_quality(NamedSchema::new("rating").schema(&json!({ "type": "object" }))).unwrap();
    let api = Client::builder().api_url(case.server.url()).api_token(case.server.token()).schemas(schemas);
    let api = api.api_client().unwrap();
    let run = api.instances().register("tester").await.unwrap();
    let rated =
        api.instances().record_quality(&run.id, "rating", Some(&json!({ "stars": 4 }))).await.unwrap();
    assert_eq!(rated.quality_payloads["rating"].get::<Value>(), Some(json!({ "stars": 4 })));
    let unrated = api.instances().record_quality::<()>(&run.id, "rating", None).await.unwrap();
    assert!(unrated.quality_payloads.is_empty());
}

#[tokio::test]
async fn run_is_shown_by_either_name_with_what_was_asked_for() {
    let case = Case::new();
    let instances = case.api.instances();
    let registration = Registration::new("tester").with_external_identifier("a b/ü&c");
    let run = instances.register(registration).await.unwrap();
    let details = || InstanceDetails::new().with_counts().with_costs().with_risk_score().with_alert_count();
    let by_id = instances.show(&run.id, details()).await.unwrap();
    let by_name = instances.show_by_external_identifier("a b/ü&c", details()).await.unwrap();
    assert_eq!((&by_id.id, &by_name.id), (&run.id, &run.id));
    assert_eq!((by_id.span_counts.unwrap().total, by_id.raised_alert_count), (0, Some(0)));
    assert!(by_id.cost_breakdown.is_some());
}

#[tokio::test]
async fn runs_are_listed_by_agent() {
    let case = Case::new();
    let first = case.run().await;
    case.api.instances().register("another").await.unwrap();
    let filter = InstanceFilter::new().agent_id(&first.agent_id);
    let runs = case.api.instances().list(filter).all().await.unwrap();
    assert_eq!(runs.iter().map(|run| &*run.id).collect::<Vec<_>>(), [&*first.id]);
}

#[tokio::test]
async fn context_of_a_run_is_one_document() {
    let case = Case::new();
    let run = case.run().await;
    case.api.spans().create(prefactor::api::NewSpan::new(&*run.id, "agent:step")).await.unwrap();
    let context = case.api.instances().agent_context(&run.id).await.unwrap();
    assert_eq!(context.span_count, 1);
    let body: Value = context.body.get().unwrap();
    assert_eq!(
        (&body["format"], &body["spans"][0]["schema_name"]),
        (&json!("agent_context_v1"), &json!("agent:step"))
    );
}
