//! `/agent`.

use prefactor::api::{AgentChange, AgentFilter, AgentStatus, NewAgent, NewRiskProfile, NewTeam};

use crate::Case;

#[tokio::test]
async fn agent_is_made_shown_changed_and_deleted() {
    let case = Case::new();
    let agents = case.api.agents();
    let new = NewAgent::new("researcher").with_description("asks").with_external_identifier("res-1");
    let made = agents.create(new).await.unwrap();
    assert_eq!((&*made.name, made.description.as_deref()), ("researcher", Some("asks")));
    assert_eq!(made.external_identifier.as_deref(), Some("res-1"));
    assert_eq!(agents.get(&made.id).await.unwrap().id, made.id);

    let changed = agents.update(&made.id, AgentChange::new().with_name("writer")).await.unwrap();
    assert_eq!((&*changed.name, changed.description.as_deref()), ("writer", Some("asks")));
    let changed = agents.update(&made.id, AgentChange::new().without_description()).await.unwrap();
    assert_eq!(changed.description, None, "null clears, and what is not named stays: {}", changed.name);

    agents.delete(&made.id).await.unwrap();
    assert!(agents.get(&made.id).await.unwrap_err().is_not_found());
    assert!(agents.delete(&made.id).await.unwrap_err().is_not_found(), "the first try of a deletion tells");
}

#[tokio::test]
async fn agent_is_found_by_either_name_with_its_counts() {
    let case = Case::new();
    let agents = case.api.agents();
    let made = agents.create(NewAgent::new("a").with_external_identifier("ours")).await.unwrap();
    let by_id = agents.show(&made.id).await.unwrap();
    let by_name = agents.show_by_external_identifier("ours").await.unwrap();
    assert_eq!((&by_id.agent.id, &by_name.agent.id), (&made.id, &made.id));
    assert_eq!(by_id.agent.instance_counts.unwrap().total, 0);
    assert!(by_id.risk_rollup.is_none(), "it has no risk profile");
    let place = case.run().await.environment_id.unwrap();
    assert_eq!(agents.show_in_environment(&made.id, &*place).await.unwrap().agent.id, made.id);

    let profile = case.api.risk_profiles().create(NewRiskProfile::new("strict")).await.unwrap();
    let change = AgentChange::new().with_risk_profile_id(profile.id);
    agents.update(&made.id, change).await.unwrap();
    assert!(agents.show(&made.id).await.unwrap().risk_rollup.is_some());
}

#[tokio::test]
async fn agent_is_retired_and_reinstated() {
    let case = Case::new();
    let agents = case.api.agents();
    let made = agents.create(NewAgent::new("a")).await.unwrap();
    assert_eq!(agents.retire(&made.id).await.unwrap().status, Some(AgentStatus::Retired));
    let error = agents.retire(&made.id).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert_ne!(agents.reinstate(&made.id).await.unwrap().status, Some(AgentStatus::Retired));
}

#[tokio::test]
async fn agents_are_listed_by_their_owners() {
    let case = Case::new();
    let team = case.api.teams().create(NewTeam::new("core")).await.unwrap();
    case.api.agents().create(NewAgent::new("theirs").with_team_id(&*team.id)).await.unwrap();
    case.api.agents().create(NewAgent::new("nobody's")).await.unwrap();
    let theirs = case.api.agents().list(AgentFilter::new().team_id(&team.id)).all().await.unwrap();
    assert_eq!(theirs.iter().map(|agent| &*agent.name).collect::<Vec<_>>(), ["theirs"]);
}
