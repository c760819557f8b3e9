//! The contenders of other libraries, as a binary of its own: `fastrace` can be on or off in one build, not both.

mod child;
mod workload;

workload::subject!(plain, "plain", [], []);
workload::subject!(fastrace, "fastrace", [#[::fastrace::trace]], [#[::fastrace::trace]]);
workload::subject!(tracing, "tracing", [#[::tracing::instrument]], [#[::tracing::instrument]]);

fn main() {
    child::answer(&[plain::SUBJECT, fastrace::SUBJECT, tracing::SUBJECT]);
}
