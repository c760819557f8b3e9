//! Requests that are sent again, and those that are not.

use std::error::Error as _;
use std::time::Duration;

use prefactor::Client;
use prefactor::api::{AgentFilter, InstanceFilter, NewAgent, NewEnvironment};
use prefactor::transport::SendError;
use prefactor_local::oracle::{Fault, Rule};

use crate::Case;

#[tokio::test]
async fn faults_are_waited_out() {
    let case = Case::new();
    for fault in [
        Fault::status(503),
        Fault::status(429),
        Fault::reset(),
        Fault::hang_up(),
        Fault::body(404, "text/html", "<h1>no</h1>"),
    ] {
        case.oracle.next(2, fault);
        case.api.agents().create(NewAgent::new("a")).await.unwrap();
    }
    assert_eq!(case.api.agents().list(AgentFilter::new()).all().await.unwrap().len(), 5);
}

#[tokio::test]
async fn request_whose_answer_was_lost_is_done_once() {
    let case = Case::new();
    case.oracle.next(2, Fault::hang_up().applied());
    let agent = case.api.agents().create(NewAgent::new("once")).await.unwrap();
    assert_eq!(case.api.agents().list(AgentFilter::new()).all().await.unwrap().len(), 1);
    case.oracle.next(1, Fault::hang_up().applied());
    let run = case.api.instances().register("tester").await.unwrap();
    let filter = InstanceFilter::new().agent_id(&run.agent_id);
    assert_eq!(case.api.instances().list(filter).all().await.unwrap().len(), 1);
    case.oracle.next(1, Fault::hang_up().applied());
    case.api.agents().delete(&agent.id).await.unwrap();
}

#[tokio::test]
async fn request_without_a_key_is_not_repeated_where_it_may_have_arrived() {
    let case = Case::new();
    let account = case.api.accounts().list().all().await.unwrap().remove(0).id;
    let before = case.requests();
    case.oracle.next(1, Fault::hang_up().applied());
    let error = case.api.environments().create(NewEnvironment::new("staging", account)).await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    assert_eq!(case.requests() - before, 1);
}

#[tokio::test]
async fn server_that_stays_away_is_an_error_after_four_tries() {
    let case = Case::new();
    let before = case.requests();
    case.oracle.inject(Rule::new(Fault::status(503)));
    let error = case.api.ping().await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("HTTP 503"), "{error}");
    assert_eq!(case.requests() - before, 4);
}

#[tokio::test]
async fn pause_that_is_too_long_is_told_instead_of_waited_for() {
    let case = Case::new();
    case.oracle.inject(Rule::new(Fault::status(429).retry_after("3600")));
    let error = case.api.ping().await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3_600)));
}

#[tokio::test]
async fn source_of_a_failed_connection_is_the_transport_s_error() {
    let api =
        Client::builder().api_url("http://127.0.0.1:9").api_token("a-token-of-ours").api_client().unwrap();
    let error = api.ping().await.unwrap_err();
    let source = error.source().unwrap().downcast_ref::<SendError>().unwrap();
    assert!(source.is_not_sent(), "{source}");
    assert!(!format!("{error} {error:?} {source}").contains("a-token-of-ours"));
}
