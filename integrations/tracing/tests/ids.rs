//! Log lines that lead to their span.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::io;
use std::sync::{Arc, Mutex};

use prefactor::testing::Recorder;
use prefactor_tracing::{Ids, WithIds};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn line_within_a_span_has_the_ids_and_one_outside_has_none() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = WithIds::new(tracing_subscriber::fmt::format().without_time().with_ansi(false));
    let subscriber =
        tracing_subscriber::fmt().with_writer(move || writer.clone()).event_format(format).finish();
    let recorder = Recorder::new();
    let (ids, span_id) = tracing::subscriber::with_default(subscriber, || {
        tracing::info!("before");
        recorder.run(|| {
            prefactor::span("agent:run").in_scope(|| {
                tracing::info!("within");
                (Ids::current().unwrap(), prefactor::Span::current().span_id().unwrap())
            })
        })
    });
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let (before, within) = text.trim_end().split_once('\n').unwrap();
    assert!(!before.contains("trace_id"), "{before}");
    assert!(within.starts_with(&format!("{ids} ")) && within.ends_with("within"), "{within}");
    assert_eq!(ids.span_id(), span_id);
}
