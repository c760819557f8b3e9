#!/usr/bin/env bash
# What happens: A layer's filter that answers Interest::always for the spans it lets through, as its documentation offers,
#   loses one of them each time that the thread has asked `tracing::enabled!` for something which the filter refuses and another
#   subscriber of the program wants. The refusal stays behind, and the next span, about which nobody is asked, takes it.
# The wrong guess: What a filter always lets through reaches its layer, and a question has no effect.
# Versions: tracing 0.1.44, tracing-subscriber 0.3.23
# Seen:
#   always: the layer saw ["wanted"], then []
#   sometimes: the layer saw ["wanted"], then ["wanted"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
tracing = { version = "=0.1.44", default-features = false, features = ["std"] }
tracing-subscriber = { version = "=0.3.23", default-features = false, features = ["registry", "std"] }
TOML
cat >src/main.rs <<'RUST'
use std::sync::{Arc, Mutex};
use tracing::subscriber::{with_default, Interest};
use tracing::{info_span, span, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, Layer, SubscriberExt};

/// Lets spans of one name through, and says how sure it is.
struct Named(&'static str, bool);

impl<S> Filter<S> for Named {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        metadata.name() == self.0
    }
    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match (metadata.name() == self.0, self.1) {
            (true, true) => Interest::always(),
            (true, false) => Interest::sometimes(),
            (false, _) => Interest::never(),
        }
    }
}

struct Seen(Arc<Mutex<Vec<&'static str>>>);

impl<S: Subscriber> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.0.lock().unwrap().push(attributes.metadata().name());
    }
}

fn wanted() {
    let _ = info_span!("wanted");
}

fn main() {
    // Another subscriber of the program, which wants all there is.
    let other = tracing::Dispatch::new(tracing_subscriber::registry().with(Seen(Arc::default())));
    for says_always in [true, false] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Seen(seen.clone()).with_filter(Named("wanted", says_always)));
        let (first, second) = with_default(subscriber, || {
            wanted();
            let first = std::mem::take(&mut *seen.lock().unwrap());
            let _ = tracing::enabled!(tracing::Level::INFO);
            wanted();
            (first, std::mem::take(&mut *seen.lock().unwrap()))
        });
        println!("{}: the layer saw {first:?}, then {second:?}", if says_always { "always" } else { "sometimes" });
        assert_eq!(first, ["wanted"]);
        assert_eq!(second.len(), usize::from(!says_always));
    }
    drop(other);
}
RUST
cargo run --quiet
