//! Declarations of span types, from the registry to the platform.

use prefactor::schema::{
    Classification, DataCategory, DataRisk, NamedSchema, Permission, Presence, RiskAction, SchemaRegistry,
    SpanType,
};
use prefactor::{Client, span};
use prefactor_local::Server;
use serde_json::{Value, json};

use crate::support::TIMEOUT;
use prefactor_tests::stored::{get, list};

fn search() -> SpanType {
    SpanType::new("tool:search")
        .title("Web search")
        .description("Asks the web.")
        .template("{{ query }}: {{ hits }} pages")
        .params(&json!({ "type": "object", "properties": { "query": { "type": "string" } } }))
        .result(&json!({ "type": "object", "properties": { "hits": { "type": "integer" } } }))
        .data_risk(
            DataRisk::new()
                .action(RiskAction::ReadData, Permission::Allowed)
                .params(Classification::Internal)
                .params_category(DataCategory::PersonalIdentifiers, Presence::Included)
                .result(Classification::Public)
                .result_category(DataCategory::MinorsData, Presence::Excluded),
        )
}

fn registry() -> SchemaRegistry {
    let mut schemas = SchemaRegistry::new();
    schemas.add(search()).unwrap();
    schemas.add_quality(NamedSchema::new("rating").template("{{ stars }} stars")).unwrap();
    schemas.add_alert(NamedSchema::new("budget").title("Over budget")).unwrap();
    schemas.add_tool("acme", "fetch", "tool:fetch", &json!({ "type": "object" })).unwrap();
    schemas
}

/// Runs one span with these schemas, and returns the schema version that the server has, with all its spans' rows.
fn registered(server: &Server, schemas: SchemaRegistry) -> (Value, Vec<Value>) {
    let builder = Client::builder().api_url(server.url()).api_token(server.token()).schemas(schemas);
    let client = builder.build().unwrap();
    let run = client.register("tester");
    run.in_scope(|| {
        let span = span("tool:search");
        span.start(&json!({ "query": "rust" }));
        span.complete(&json!({ "hits": 3 }));
    });
    assert!(client.shutdown(TIMEOUT).is_complete);
    let run =
        get::<Value>(server, &format!("/api/v1/agent_instance/{}", run.id().unwrap()))["details"].clone();
    let agent = run["agent_id"].as_str().unwrap();
    let version = run["agent_version_id"].as_str().unwrap();
    let version = get::<Value>(server, &format!("/api/v1/agent_version/{version}"))["details"].clone();
    let schema = version["agent_schema_version_id"].as_str().unwrap();
    let schema = get::<Value>(server, &format!("/api/v1/agent_schema_version/{schema}"))["details"].clone();
    let spans = format!("agent_spans?agent_id={agent}&include_summaries=true");
    (schema, list(server, &spans))
}

#[test]
fn types_qualities_and_alerts_are_sent_with_the_registration_and_make_summaries() {
    let server = Server::start().unwrap();
    let (schema, spans) = registered(&server, registry());
    assert_eq!(schema["external_identifier"], registry().external_identifier());
    let search = &schema["span_type_schemas"]["tool:search"];
    assert_eq!(search["title"], "Web search");
    assert_eq!(search["params_schema"]["properties"]["query"]["type"], "string");
    assert_eq!(search["data_risk"]["action_profile"]["read_data"], "allowed");
    assert_eq!(search["data_risk"]["action_profile"]["update_data"], "unknown");
    assert_eq!(search["data_risk"]["params_data_categories"]["classification"], "internal");
    assert_eq!(search["data_risk"]["result_data_categories"]["minors_data"], "excluded");
    assert!(schema["span_type_schemas"]["acme:tool:fetch"].is_object(), "{schema}");
    assert!(schema["quality_schemas"]["rating"].is_object() && schema["alert_schemas"]["budget"].is_object());
    assert_eq!(spans[0]["summary"], "rust: 3 pages");
    assert_eq!(spans[0]["schema_title"], "Web search");
}

#[test]
fn registry_can_be_read() {
    let schemas = registry();
    let search = schemas.get("tool:search").unwrap();
    assert_eq!(search.title_text(), Some("Web search"));
    assert_eq!(search.description_text(), Some("Asks the web."));
    assert_eq!(search.template_text(), Some("{{ query }}: {{ hits }} pages"));
    let params: Value = search.params_json().get().unwrap();
    assert_eq!(params["properties"]["query"]["type"], "string");
    let result: Value = search.result_json().unwrap().get().unwrap();
    assert_eq!(result["properties"]["hits"]["type"], "integer");
    assert!(SpanType::new("any").result_json().is_none());
    let risk = search.risk().unwrap();
    assert_eq!(risk.permission(RiskAction::ReadData), Permission::Allowed);
    assert_eq!(risk.permission(RiskAction::CreateData), Permission::Unknown);
    assert_eq!(
        (risk.params_classification(), risk.result_classification()),
        (Classification::Internal, Classification::Public)
    );
    assert_eq!(risk.params_presence(DataCategory::PersonalIdentifiers), Presence::Included);
    assert_eq!(risk.result_presence(DataCategory::MinorsData), Presence::Excluded);
    assert_eq!(risk.result_presence(DataCategory::PersonalIdentifiers), Presence::Unknown);
    assert_eq!(schemas.qualities().map(NamedSchema::name).collect::<Vec<_>>(), ["rating"]);
    assert_eq!(schemas.alerts().map(NamedSchema::title_text).collect::<Vec<_>>(), [Some("Over budget")]);
    assert_eq!(schemas.tools().collect::<Vec<_>>(), [("acme", "fetch", "acme:tool:fetch")]);
    let rating: Value = schemas.quality("rating").unwrap().schema_json().get().unwrap();
    assert_eq!(rating, json!({ "type": "object" }));
}

#[test]
fn registry_that_says_the_same_has_the_same_identifier() {
    let mut other = SchemaRegistry::new();
    other.add_tool("acme", "fetch", "acme:tool:fetch", &json!({ "type": "object" })).unwrap();
    other.add_alert(NamedSchema::new("budget").title("Over budget")).unwrap();
    other.add_quality(NamedSchema::new("rating").template("{{ stars }} stars")).unwrap();
    other.add(search()).unwrap();
    assert_eq!(registry().external_identifier(), other.external_identifier());
    other.add(SpanType::new("tool:other")).unwrap();
    assert_ne!(registry().external_identifier(), other.external_identifier());
    other.set_external_identifier("mine-1");
    assert_eq!(other.external_identifier(), "mine-1");
}

#[test]
fn one_name_for_two_things_is_a_conflict_that_changes_nothing() {
    let mut schemas = registry();
    schemas.add(search()).unwrap();
    let other = search().title("Another");
    let error = schemas.add(other.clone()).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("tool:search"), "{error}");

    let mut conflicting = SchemaRegistry::new();
    conflicting.add(SpanType::new("agent:new")).unwrap().add(other).unwrap();
    let error = schemas.merge(conflicting).unwrap_err();
    assert!(error.to_string().contains("tool:search"), "{error}");
    assert_eq!(schemas, registry(), "a merge that fails leaves nothing behind");

    let mut more = SchemaRegistry::new();
    more.add(SpanType::new("agent:new")).unwrap().add(search()).unwrap();
    schemas.merge(more).unwrap();
    assert!(schemas.get("agent:new").is_some() && schemas.quality("rating").is_some());
    assert!(schemas.alert("budget").is_some() && schemas.alert("other").is_none());
    assert_eq!(
        schemas.types().map(SpanType::name).collect::<Vec<_>>(),
        ["acme:tool:fetch", "agent:new", "tool:search"]
    );
}

#[test]
fn two_tools_of_one_type_and_tools_without_one_are_refused() {
    let mut schemas = registry();
    assert!(schemas.add_tool("acme", "other", "fetch", &json!({})).is_err());
    assert!(schemas.add_tool("acme", "none", "acme:tool:", &json!({})).is_err());
    assert_eq!(schemas.tool_type("acme", "fetch"), "acme:tool:fetch");
    assert_eq!(schemas.tool_type("acme", "unknown"), "acme:tool");
}

#[test]
fn enumerations_of_risk_are_complete() {
    assert_eq!(
        (RiskAction::ALL.len(), DataCategory::ALL.len(), Classification::ALL.len(), Presence::ALL.len()),
        (6, 17, 6, 3)
    );
    let words: Vec<_> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
    assert_eq!(words, ["unknown", "allowed", "disallowed"]);
}
