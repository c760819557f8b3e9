//! `/agent_version`, `/agent_schema_version` and `/agent_deployment`.

use prefactor::api::{NewAgent, NewAgentVersion, NewDeployment, NewEnvironment, VersionFilter};
use prefactor::schema::{SchemaRegistry, SpanType};
use serde_json::{Value, json};

use crate::Case;

#[tokio::test]
async fn versions_of_an_agent_and_of_its_schemas_are_made_shown_and_listed() {
    let case = Case::new();
    let agent = case.api.agents().create(NewAgent::new("a")).await.unwrap();
    let mut schemas = SchemaRegistry::new();
    schemas.add(SpanType::new("agent:step").params(&json!({ "type": "object" }))).unwrap();
    let schema = case.api.schema_versions().create(&agent.id, &schemas).await.unwrap();
    assert_eq!(schema.external_identifier, Some(schemas.external_identifier()));
    let shown = case.api.schema_versions().get(&schema.id).await.unwrap();
    let checked: Value = shown.span_type_schemas["agent:step"].get().unwrap();
    assert_eq!(
        checked["params_schema_validation"]["status"], "success",
        "what is wrong comes with it: {checked}"
    );
    let listed =
        case.api.schema_versions().list(VersionFilter::new().agent_id(&agent.id)).all().await.unwrap();
    assert_eq!((listed.len(), listed[0].span_schemas_count), (1, Some(1)));

    let new = NewAgentVersion::new(&*agent.id, "2.1").with_name("Two").with_description("faster");
    let made = case.api.agent_versions().create(new.with_schema_version_id(&*schema.id)).await.unwrap();
    assert_eq!((made.external_identifier.as_deref(), made.name.as_deref()), (Some("2.1"), Some("Two")));
    assert_eq!(made.agent_schema_version_id.as_deref(), Some(&*schema.id));
    assert_eq!(case.api.agent_versions().get(&made.id).await.unwrap().id, made.id);
    let listed =
        case.api.agent_versions().list(VersionFilter::new().agent_id(&agent.id)).all().await.unwrap();
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn deployment_is_made_repointed_and_deleted() {
    let case = Case::new();
    let account = case.api.accounts().list().all().await.unwrap().remove(0).id;
    let agent = case.api.agents().create(NewAgent::new("a")).await.unwrap().id;
    let place = case.api.environments().create(NewEnvironment::new("staging", account)).await.unwrap().id;
    let version = case.api.agent_versions().create(NewAgentVersion::new(&*agent, "1")).await.unwrap().id;
    let deployments = case.api.deployments();
    let made = deployments.create(NewDeployment::new(&*agent, &*place)).await.unwrap();
    assert_eq!((&made.agent_id, &made.environment_id), (&agent, &place));
    let pointed = deployments.set_current_version(&made.id, Some(&version)).await.unwrap();
    assert_eq!(pointed.current_version_id.as_deref(), Some(&*version));
    let cleared = deployments.set_current_version(&made.id, None).await.unwrap();
    assert_eq!(cleared.current_version_id, None);
    assert_eq!(deployments.get(&made.id).await.unwrap().id, made.id);
    assert_eq!(deployments.list(VersionFilter::new().agent_id(&agent)).all().await.unwrap().len(), 1);
    deployments.delete(&made.id).await.unwrap();
    assert!(deployments.get(&made.id).await.unwrap_err().is_not_found());
}
