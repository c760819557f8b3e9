//! Records of the crate `log`, which `tracing-log` makes events of `tracing`.

use prefactor::testing::Recorder;
use prefactor_tracing::LayerBuilder;
use serde_json::Value;
use tracing::info_span;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

/// One test: the logger is the process's.
#[test]
fn log_record_inside_a_span_is_an_event_of_it() {
    tracing_log::LogTracer::init().unwrap();
    let recorder = Recorder::new();
    let layer = LayerBuilder::default().events(LevelFilter::INFO).build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        recorder.run(|| {
            let call = info_span!("chat", gen_ai.operation.name = "chat", gen_ai.usage.input_tokens = 12_u64);
            call.in_scope(|| {
                log::warn!("attempt {} of 3", 2);
                log::debug!("not so important");
            });
        });
    });
    let trace = recorder.trace();
    trace.assert_outline(&["agent:llm_call complete"]);
    let events = &trace.find("agent:llm_call").events;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].name, "attempt 2 of 3");
    assert_eq!(events[0].data::<Value>().unwrap()["level"], "WARN");
}
