//! Lists over several pages.

use futures_util::{StreamExt as _, TryStreamExt as _};
use prefactor::api::{AgentFilter, NewAgent};
use prefactor_local::oracle::{Fault, Rule};

use crate::Case;

/// Seven agents, three to a page.
async fn seven() -> Case {
    let case = Case::new();
    for number in 0..7 {
        case.api.agents().create(NewAgent::new(format!("a{number}"))).await.unwrap();
    }
    case
}

fn filter() -> AgentFilter {
    AgentFilter::new().page_size(3).sorted_by("id", false)
}

const ALL: [&str; 7] = ["a0", "a1", "a2", "a3", "a4", "a5", "a6"];

#[tokio::test]
async fn list_is_a_stream_over_three_pages_which_are_fetched_as_they_are_needed() {
    let case = seven().await;
    let before = case.requests();
    let mut agents = case.api.agents().list(filter());
    assert_eq!((agents.total(), case.requests() - before), (None, 0), "nothing before it is polled");
    let mut names = Vec::new();
    for expected in [1, 1, 1, 2, 2, 2, 3] {
        names.push(agents.next().await.unwrap().unwrap().name);
        assert_eq!(case.requests() - before, expected);
    }
    assert!(agents.next().await.is_none() && agents.next().await.is_none());
    assert_eq!((names, agents.total()), (ALL.map(str::to_owned).to_vec(), Some(7)));
    let names = case.api.agents().list(filter()).map_ok(|agent| agent.name).try_collect::<Vec<_>>().await;
    assert_eq!(names.unwrap(), ALL);
}

#[tokio::test]
async fn list_is_sorted_the_other_way() {
    let case = seven().await;
    let agents = case.api.agents().list(AgentFilter::new().page_size(3).sorted_by("id", true)).all().await;
    let names: Vec<_> = agents.unwrap().into_iter().map(|agent| agent.name).collect();
    assert_eq!(names, ALL.into_iter().rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn list_ends_after_an_error_within_it() {
    let case = seven().await;
    let refused = r#"{"status":"error","code":"validation_errors","message":"no"}"#;
    case.oracle.inject(Rule::new(Fault::body(422, "application/json", refused)).skip(1).times(1));
    let agents: Vec<_> = case.api.agents().list(filter()).collect().await;
    assert_eq!(agents.len(), 4, "a page, and the error");
    assert!(agents[3].as_ref().unwrap_err().is_invalid());
    assert!(case.api.agents().list(filter()).all().await.is_ok());
}

#[tokio::test]
async fn page_that_leads_back_ends_the_list() {
    let case = seven().await;
    let back = Fault::changed(|body| body.replace(r#""next_page_offset":6"#, r#""next_page_offset":0"#));
    case.oracle.inject(Rule::new(back).skip(1).times(1));
    assert_eq!(case.api.agents().list(filter()).all().await.unwrap().len(), 6);
}

#[tokio::test]
async fn page_that_was_asked_for_is_not_lost_with_the_future() {
    let case = seven().await;
    let mut agents = case.api.agents().list(filter());
    let first = agents.next();
    drop(first);
    tokio::select! {
        biased;
        _ = agents.next() => panic!("an answer without a poll of the network"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(agents.next().await.unwrap().unwrap().name, "a0");
}
