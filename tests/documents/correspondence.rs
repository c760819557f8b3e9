//! The table of correspondence has each public name of the packages it is about, and a test for each row.

use std::collections::BTreeSet;

use crate::{read, root, sources};

/// The public names of the packages: `__all__` and the methods of classes in Python, `export` in TypeScript.
const PUBLIC_NAMES: [(&str, &str); 4] = [
    (
        "prefactor-core 0.5.3",
        "AgentInstance AgentInstanceHandle ClientAlreadyInitializedError ClientNotInitializedError InMemoryQueue \
         InstanceNotFoundError Operation OperationError OperationType PrefactorCoreClient PrefactorCoreConfig PrefactorCoreError \
         PrefactorTelemetryFailureError PrefactorTerminatedError Queue QueueClosedError QueueConfig SchemaRegistry Span SpanContext \
         SpanContextStack SpanNotFoundError TaskExecutor __version__ build_runtime_environment generate_idempotency_key \
         validate_idempotency_key warn_missing_adaptor_config close create_agent_instance create_span finish_span initialize \
         instance_manager record_quality span cancel complete fail finish id set_result start get has_schema list_schemas merge \
         register register_quality_schema register_result register_type register_unsafe to_agent_schema_version",
    ),
    (
        "prefactor-http 0.4.3",
        "AgentInstance AgentInstanceRecordQuality AgentInstanceSpanCounts AgentSchemaVersionForRegister AgentSpan AgentStatus \
         AgentVersionForRegister ApiResponse BulkItem BulkOutput BulkRequest BulkResponse FinishInstanceRequest FinishStatus \
         HttpClientConfig InstancePurpose PrefactorApiError PrefactorAuthError PrefactorClientError PrefactorHttpClient \
         PrefactorHttpError PrefactorNotFoundError PrefactorResponseContractError PrefactorRetryExhaustedError \
         PrefactorValidationError QualitySchemaDetails QualitySchemaForCreate RuntimeEnvironment SpanTypeSchemaForCreate",
    ),
    (
        "@prefactor/core 0.2.9, with what is known of 1.2.0",
        "AgentInstanceManager Config ConfigSchema HttpTransportConfig createConfig CoreRuntime createCore registerShutdownHandler \
         shutdown SpanContext createSpanTypePrefixer ErrorInfo Span SpanStatus SpanType TokenUsage EndSpanOptions StartSpanOptions \
         Tracer withSpan AgentInstanceClient AgentInstanceFinishOptions AgentInstanceRegisterPayload AgentInstanceResponse \
         AgentInstanceStartOptions AgentSpanClient AgentSpanCreatePayload AgentSpanFinishOptions AgentSpanResponse AgentSpanStatus \
         HttpClient HTTPClient HttpClientError HttpRequester AgentInstanceOptions Transport HttpTransport configureLogging \
         getLogger serializeValue truncateString createAgentInstance recordQuality terminate ApiError AgentSpanControlSignal \
         AlreadyFinished toolSchemas sdkHeaderEntry finishCurrentRun onFatalError",
    ),
    (
        "openai-agents 0.24.0, agents.tracing",
        "AgentSpanData CustomSpanData FunctionSpanData GenerationSpanData GuardrailSpanData HandoffSpanData MCPListToolsSpanData \
         ResponseSpanData Span SpanData SpanError SpeechGroupSpanData SpeechSpanData TaskSpanData Trace TraceCtxManager \
         TraceProvider TracingConfig TracingProcessor TracingExporter TranscriptionSpanData TurnSpanData add_trace_processor \
         agent_span custom_span flush_traces function_span gen_span_id gen_trace_id generation_span get_current_span \
         get_current_trace get_trace_provider guardrail_span handoff_span mcp_tools_span response_span set_trace_processors \
         set_trace_provider set_tracing_disabled speech_group_span speech_span task_span trace transcription_span turn_span \
         trace_id span_id parent_id span_data error started_at ended_at start finish set_error trace_metadata tracing_api_key \
         force_flush NoOpSpan",
    ),
];

#[test]
fn correspondence_has_each_public_name_of_the_packages() {
    let document = read("docs/correspondence.md");
    let rows =
        document.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split('|').nth(1));
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let named: BTreeSet<&str> = rows.flat_map(|cell| cell.split(|character| !is_part(character))).collect();
    for (package, names) in PUBLIC_NAMES {
        let missing: Vec<_> = names.split_whitespace().filter(|name| !named.contains(name)).collect();
        assert!(missing.is_empty(), "docs/correspondence.md has no row for {missing:?} of {package}");
    }
}

#[test]
fn each_row_of_the_correspondence_names_a_test_that_exists_or_a_reason() {
    let mut found = Vec::new();
    sources(&root().join("tests"), &["rs"], &mut found);
    let document = read("docs/correspondence.md");
    let rows = document
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    let (mut tests, mut reasons) = (0, 0);
    for row in rows.filter(|row| row[0] != "theirs") {
        match &row[..] {
            [_, ours, _, test] => {
                assert!(!ours.is_empty(), "{row:?} has no name of ours");
                let function = format!("fn {}()", test.trim_matches('`'));
                let is_there =
                    test.starts_with('`') && found.iter().any(|(_, text)| text.contains(&function));
                assert!(is_there, "{row:?} names no test that exists");
                tests += 1;
            }
            [_, reason] => {
                assert!(!reason.is_empty(), "{row:?} has no reason");
                reasons += 1;
            }
            _ => panic!("{row:?} has neither four cells nor two"),
        }
    }
    assert!(tests > 80 && reasons > 15, "the tables could not be read: {tests} and {reasons}");
}
