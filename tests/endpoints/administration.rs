//! Accounts, environments, tokens, risk profiles, teams and people.

use prefactor::api::{
    AccountFilter, EnvironmentChange, NewEnvironment, NewPerson, NewRiskProfile, NewTeam, NewToken,
    PersonChange, RiskProfileChange, TeamChange, TokenScope, TokenStatus,
};
use serde_json::Value;

use crate::Case;

impl Case {
    async fn account(&self) -> String {
        self.api.accounts().list().all().await.unwrap().remove(0).id
    }
}

#[tokio::test]
async fn account_is_listed_shown_and_renamed() {
    let case = Case::new();
    let id = case.account().await;
    assert_eq!(case.api.accounts().get(&id).await.unwrap().id, id);
    assert_eq!(case.api.accounts().rename(&id, "Ours").await.unwrap().name.as_deref(), Some("Ours"));
    case.api.ping().await.unwrap();
}

#[tokio::test]
async fn ids_are_made_in_the_partition_of_the_account_that_is_named() {
    let case = Case::new();
    let account: prefactor::Pfid = case.account().await.parse().unwrap();
    let ids = case.api.generate_ids_of(account, 3).await.unwrap();
    assert!(ids.len() == 3 && ids.iter().all(|id| id.partition() == account.partition()), "{ids:?}");
    let other = prefactor::Pfid::from_parts(0, account.partition() ^ 1, [0; 10]).unwrap();
    assert!(case.api.generate_ids_of(other, 1).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn description_of_the_api_is_a_document_of_openapi() {
    let case = Case::new();
    let document: Value = case.api.openapi().await.unwrap().get().unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."), "{}", document["openapi"]);
    assert!(document["paths"]["/api/v1/ping"].is_object());
}

#[tokio::test]
async fn environment_is_made_listed_changed_and_deleted() {
    let case = Case::new();
    let (account, environments) = (case.account().await, case.api.environments());
    let made = environments.create(NewEnvironment::new("staging", &*account)).await.unwrap();
    let listed = environments.list(AccountFilter::new().account_id(&account)).all().await.unwrap();
    assert!(listed.iter().any(|listed| listed.id == made.id));
    let renamed = environments.update(&made.id, EnvironmentChange::new().with_name("test")).await.unwrap();
    assert_eq!((&*renamed.name, environments.get(&made.id).await.unwrap().name), ("test", "test".to_owned()));
    assert_eq!(environments.show(&made.id).await.unwrap().name, "test");
    environments.delete(&made.id).await.unwrap();
    assert!(environments.show(&made.id).await.unwrap_err().is_not_found());
    assert!(environments.get(&made.id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn token_is_made_suspended_activated_revoked_and_deleted() {
    let case = Case::new();
    let (account, tokens) = (case.account().await, case.api.tokens());
    let made = tokens.create(NewToken::of_account(&account)).await.unwrap();
    assert_eq!((&made.token.token_scope, &made.token.status), (&TokenScope::Account, &TokenStatus::Active));
    assert!(!made.expose_secret().is_empty());
    assert!(!format!("{made:?}").contains(made.expose_secret()), "the secret is not printed");
    let id = &made.token.id;
    let builder = prefactor::Client::builder().api_url(case.server.url());
    let theirs = builder.api_token(made.expose_secret()).api_client().unwrap();
    theirs.ping().await.unwrap();
    let tokens = theirs.tokens();
    let other = tokens.create(NewToken::of_account(&account)).await.unwrap();
    let other_id = &other.token.id;
    assert_eq!(tokens.suspend(other_id).await.unwrap().status, TokenStatus::Suspended);
    let refused = prefactor::Client::builder().api_url(case.server.url()).api_token(other.expose_secret());
    let refused = refused.api_client().unwrap().ping().await.unwrap_err();
    assert!(refused.is_unauthorized(), "{refused}");
    assert!(!refused.to_string().contains(other.expose_secret()));
    assert_eq!(tokens.activate(other_id).await.unwrap().status, TokenStatus::Active);
    assert!(tokens.delete(other_id).await.unwrap_err().is_refused(), "only revoked ones can be deleted");
    assert_eq!(tokens.revoke(other_id).await.unwrap().status, TokenStatus::Revoked);
    assert_eq!(tokens.get(other_id).await.unwrap().status, TokenStatus::Revoked);
    tokens.delete(other_id).await.unwrap();
    let listed = tokens.list(AccountFilter::new().account_id(&account)).all().await.unwrap();
    assert!(listed.iter().any(|token| token.id == *id) && listed.iter().all(|token| token.id != *other_id));
}

#[tokio::test]
async fn token_of_an_agent_names_its_deployment() {
    let case = Case::new();
    let run = case.run().await;
    let new = NewToken::of_agent(&run.agent_id, run.environment_id.as_ref().unwrap());
    let made = case.api.tokens().create(new).await.unwrap().token;
    assert_eq!((made.token_scope, made.agent_id), (TokenScope::AgentDeployment, Some(run.agent_id)));
    assert!(made.agent_deployment_id.is_some());
}

#[tokio::test]
async fn risk_profile_is_made_from_a_template_changed_and_deleted() {
    let case = Case::new();
    let profiles = case.api.risk_profiles();
    let mut rules = profiles.template("default").await.unwrap().ruleset;
    rules.thresholds.insert("critical".into(), 99.0);
    let new = NewRiskProfile::new("strict").with_description("for health").with_ruleset(&rules);
    let made = profiles.create(new).await.unwrap();
    assert!(made.ruleset.unwrap().thresholds["critical"] > 98.0);
    let changed = profiles.update(&made.id, RiskProfileChange::new().with_name("stricter")).await.unwrap();
    assert_eq!((&*changed.name, changed.description.as_deref()), ("stricter", Some("for health")));
    assert_eq!(profiles.get(&made.id).await.unwrap().name, "stricter");
    assert_eq!(profiles.list(AccountFilter::new()).all().await.unwrap().len(), 1);
    profiles.delete(&made.id).await.unwrap();
    assert!(profiles.list(AccountFilter::new()).all().await.unwrap().is_empty());
    assert!(profiles.template("no such").await.unwrap_err().is_invalid());
}

#[tokio::test]
async fn teams_and_people_are_made_changed_and_deleted() {
    let case = Case::new();
    let (teams, people) = (case.api.teams(), case.api.people());
    let team = teams.create(NewTeam::new("core").with_description("all of it")).await.unwrap();
    let changed = teams.update(&team.id, TeamChange::new().without_description()).await.unwrap();
    assert_eq!((changed.description, &*teams.get(&team.id).await.unwrap().name), (None, "core"));
    let ada = people.create(NewPerson::new("Ada").with_email("ada@example.org")).await.unwrap();
    let moved = people.update(&ada.id, PersonChange::new().with_team_id(&*team.id)).await.unwrap();
    assert_eq!((moved.team_id, moved.email.as_deref()), (Some(team.id.clone()), Some("ada@example.org")));
    assert_eq!(people.get(&ada.id).await.unwrap().name, "Ada");
    let count = (
        people.list(AccountFilter::new()).all().await.unwrap().len(),
        teams.list(AccountFilter::new()).all().await.unwrap().len(),
    );
    assert_eq!(count, (1, 1));
    people.delete(&ada.id).await.unwrap();
    teams.delete(&team.id).await.unwrap();
    assert!(teams.get(&team.id).await.unwrap_err().is_not_found());
}
