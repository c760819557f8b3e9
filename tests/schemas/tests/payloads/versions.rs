//! Runs are registered with the schema versions of the catalogue, of the program, and of names that were seen.

use prefactor::schema::{SchemaRegistry, SpanType};
use prefactor::{AgentInstance, span};
use prefactor_local::Server;
use prefactor_schemas::{catalogue, fallible};
use prefactor_tests::stored::{get, list};
use serde_json::{Value, json};

use crate::{TIMEOUT, builder};

/// The schema versions of the agent of a run, in the order of their making.
fn versions(server: &Server, run: &AgentInstance) -> Vec<Value> {
    let run: Value = get(server, &format!("/api/v1/agent_instance/{}", run.id().unwrap()));
    let agent = run["details"]["agent_id"].as_str().unwrap();
    let mut versions: Vec<Value> = list(server, &format!("agent_schema_version?agent_id={agent}"));
    versions.sort_by_key(|version| version["id"].as_str().unwrap().to_owned());
    let ids = versions.iter().map(|version| version["id"].as_str().unwrap());
    ids.map(|id| get::<Value>(server, &format!("/api/v1/agent_schema_version/{id}"))["details"].clone())
        .collect()
}

#[test]
fn runs_are_registered_with_the_catalogue_and_the_platform_takes_its_schemas() {
    let server = Server::start().unwrap();
    let client = builder(&server).build().unwrap();
    let run = client.register("tester");
    let spans = run.in_scope(|| fallible("rust"));
    assert!(spans.is_ok() && client.flush(TIMEOUT).is_complete);
    let version = versions(&server, &run).remove(0);
    assert_eq!(version["external_identifier"], SchemaRegistry::contributed().external_identifier());
    let types = version["span_type_schemas"].as_object().unwrap();
    assert!(types.len() >= catalogue().types().count());
    for (name, of) in types {
        assert_eq!(of["params_schema_validation"]["status"], "success", "{name}: {of}");
        assert_eq!(of["result_schema_validation"]["status"], "success", "{name}: {of}");
    }
    let spans: Vec<Value> =
        list(&server, &format!("agent_spans?agent_instance_id={}&include_summaries=true", run.id().unwrap()));
    assert_eq!(spans[0]["summary"], "rust: hits");
}

#[test]
fn declaration_of_the_program_goes_before_that_of_its_function() {
    let server = Server::start().unwrap();
    let mut schemas = SchemaRegistry::new();
    schemas.add(SpanType::new("program:fallible").title("Mine")).unwrap();
    let client = builder(&server).schemas(schemas).build().unwrap();
    let run = client.register("tester");
    assert!(run.in_scope(|| fallible("rust")).is_ok() && client.flush(TIMEOUT).is_complete);
    let version = versions(&server, &run).remove(0);
    assert_eq!(version["span_type_schemas"]["program:fallible"]["title"], "Mine");
    assert_eq!(version["span_type_schemas"]["program:ask"]["title"], "Model call");
}

#[test]
fn names_that_nobody_declared_are_in_the_version_of_the_next_run() {
    let server = Server::start().unwrap();
    let client = builder(&server).build().unwrap();
    let mut made = Vec::new();
    for _ in 0..3 {
        let run = client.register("tester");
        run.in_scope(|| span("by:hand").complete(&1));
        assert!(client.flush(TIMEOUT).is_complete);
        made.push(versions(&server, &run));
    }
    assert_eq!(
        made.iter().map(Vec::len).collect::<Vec<_>>(),
        [1, 2, 2],
        "the same names make the same version"
    );
    assert!(made[0][0]["span_type_schemas"].get("by:hand").is_none());
    let all = &made[1];
    let learnt = all.iter().find(|version| version["span_type_schemas"].get("by:hand").is_some()).unwrap();
    assert_eq!(learnt["span_type_schemas"]["by:hand"]["params_schema"], json!({ "type": "object" }));
    assert_ne!(all[0]["external_identifier"], all[1]["external_identifier"]);
}
