//! `/alerts`.

use std::time::{Duration, SystemTime};

use prefactor::Severity;
use prefactor::api::{AlertFilter, AlertStatus, ClearedAlert, NewAlert};
use serde_json::{Value, json};

use crate::Case;

#[tokio::test]
async fn alert_is_raised_shown_counted_and_cleared() {
    let case = Case::new();
    let (run, alerts) = (case.run().await, case.api.alerts());
    let new = NewAlert::new(&*run.id, "budget").with_payload(&json!({ "spent_usd": 4.5 }));
    let raised = alerts.raise(new, Severity::Warning).await.unwrap();
    assert_eq!((&raised.status, raised.severity.as_deref()), (&AlertStatus::Raised, Some("warning")));
    assert_eq!(raised.payload.get::<Value>(), Some(json!({ "spent_usd": 4.5 })));
    assert_eq!(alerts.get(&raised.id).await.unwrap().id, raised.id);
    assert_eq!(alerts.count(AlertFilter::new().instance_id(&run.id)).await.unwrap(), 1);
    let cleared = alerts.clear(&run.id, "budget").await.unwrap();
    assert_eq!(cleared.status, AlertStatus::Cleared);
    assert_eq!(alerts.count(AlertFilter::new().instance_id(&run.id)).await.unwrap(), 0);
    assert!(alerts.clear(&run.id, "no such").await.unwrap_err().is_refused());
}

#[tokio::test]
async fn alert_with_a_value_that_is_kept_apart_says_so() {
    let case = Case::new();
    let run = case.run().await;
    let payload = json!({ "card": { "$sensitive": "string", "value": "4111" } });
    let new = NewAlert::new(&*run.id, "leak").with_payload(&payload).with_sensitive_encoding(true);
    let raised = case.api.alerts().raise(new, Severity::Critical).await.unwrap();
    assert!(raised.payload_sensitive_encoding);
    let shown = case.api.alerts().get(&raised.id).await.unwrap();
    assert!(!format!("{:?}", shown.payload).contains("4111"), "{shown:?}");
}

#[tokio::test]
async fn alert_is_cleared_with_what_is_known_at_its_end() {
    let case = Case::new();
    let run = case.run().await;
    let alerts = case.api.alerts();
    let payload = json!({ "card": "4111" });
    let new = NewAlert::new(&*run.id, "leak").with_payload(&payload);
    alerts.raise(new, Severity::Warning).await.unwrap();
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3_600);
    let end = ClearedAlert::new(&*run.id, "leak")
        .with_payload(&json!({ "card": { "$sensitive": "string", "value": "4111" }, "blocked": true }))
        .with_sensitive_encoding(true)
        .with_severity(Severity::Info)
        .with_cleared_at(an_hour_ago);
    let cleared = alerts.clear_with(end).await.unwrap();
    assert_eq!((&cleared.status, cleared.severity.as_deref()), (&AlertStatus::Cleared, Some("info")));
    assert!(cleared.payload_sensitive_encoding);
    let shown = cleared.payload.get::<Value>().unwrap();
    assert_eq!(shown["blocked"], true);
    assert!(!shown.to_string().contains("4111"), "{shown}");
    assert!(cleared.cleared_at < cleared.raised_at, "{cleared:?}");
}

#[tokio::test]
async fn alert_that_is_cleared_by_its_name_alone_keeps_its_data() {
    let case = Case::new();
    let run = case.run().await;
    let new = NewAlert::new(&*run.id, "budget").with_payload(&json!({ "spent_usd": 4.5 }));
    case.api.alerts().raise(new, Severity::Error).await.unwrap();
    let cleared = case.api.alerts().clear(&run.id, "budget").await.unwrap();
    assert_eq!(cleared.severity.as_deref(), Some("error"));
    assert_eq!(cleared.payload.get::<Value>(), Some(json!({ "spent_usd": 4.5 })));
    assert!(!cleared.payload_sensitive_encoding && cleared.cleared_at >= cleared.raised_at, "{cleared:?}");
}

#[tokio::test]
async fn alerts_are_listed_by_what_the_filter_says() {
    let case = Case::new();
    let run = case.run().await;
    for (name, severity) in [("budget", Severity::Warning), ("safety", Severity::Critical)] {
        case.api.alerts().raise(NewAlert::new(&*run.id, name), severity).await.unwrap();
    }
    let names = async |filter: AlertFilter| {
        let alerts = case.api.alerts().list(filter).all().await.unwrap();
        alerts.into_iter().map(|alert| alert.name).collect::<Vec<_>>()
    };
    let all =
        || AlertFilter::new().agent_id(&run.agent_id).environment_id(run.environment_id.as_ref().unwrap());
    assert_eq!(names(all()).await, ["budget", "safety"]);
    assert_eq!(names(all().severity(Severity::Critical)).await, ["safety"]);
    assert_eq!(names(all().name("budget").status("raised")).await, ["budget"]);
    assert!(names(all().status("cleared")).await.is_empty());
    let hour = Duration::from_secs(3_600);
    assert!(names(all().active_until(SystemTime::now() - hour)).await.is_empty());
    assert_eq!(names(all().active_since(SystemTime::now() - hour)).await.len(), 2);
}
