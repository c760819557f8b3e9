//! Writes the context for another process, as W3C trace context: into headers, messages and a child's environment.

use std::process::Command;
use std::sync::Arc;

use crate::context::parent::{Context, Parent};
use crate::manager::installed;
use crate::manager::instance_state::InstanceState;
use crate::operation::SpanKey;
use crate::platform::per_process::Succeed as _;
use crate::types::carrier::Injector;
use crate::types::remote_context::{TRACEPARENT, TRACESTATE};
use crate::types::traceparent::TraceParent;
use crate::types::tracestate::{OwnMember, TraceState};

impl Context {
    /// Writes this context into headers, a map or a message, as `traceparent` and `tracestate`, replacing those that are there.
    ///
    /// `traceparent` has the run's trace id and the span's id, and the flags `01`. `tracestate` begins with a member
    /// `prefactor`, which names the span and the run for a callee that [joins](crate::Client::join) it; without
    /// [`propagate_runs`](crate::ClientBuilder::propagate_runs) there is none. Where nothing is recorded, the carrier stays as
    /// it is. `baggage` stays as it is: see [`Baggage`](crate::propagation::Baggage).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use prefactor::Context;
    ///
    /// let mut headers = HashMap::new();
    /// Context::current().inject(&mut headers);
    /// # let _: HashMap<String, String> = headers;
    /// ```
    pub fn inject<C: Injector + ?Sized>(&self, carrier: &mut C) {
        let Some((parent, state)) = self.outgoing() else { return };
        carrier.set(TRACEPARENT, parent.to_string());
        match state.header() {
            Some(state) => carrier.set(TRACESTATE, state),
            None => carrier.remove(TRACESTATE),
        }
    }

    /// Sets `TRACEPARENT` and `TRACESTATE` for a child process, and keeps from it a `TRACESTATE` or `BAGGAGE` that this process
    /// has inherited and that belongs to another trace.
    ///
    /// The child reads them by [`RemoteContext::from_env`](crate::propagation::RemoteContext::from_env), if it chooses to. Where
    /// nothing is recorded, the command stays as it is. For tokio's `Command` there is its `as_std_mut`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::process::Command;
    ///
    /// use prefactor::Context;
    ///
    /// let mut command = Command::new("worker");
    /// Context::current().inject_env(&mut command);
    /// ```
    pub fn inject_env(&self, command: &mut Command) {
        let Some((parent, state)) = self.outgoing() else { return };
        command.env("TRACEPARENT", parent.to_string()).env_remove("BAGGAGE");
        match state.header() {
            Some(state) => command.env("TRACESTATE", state),
            None => command.env_remove("TRACESTATE"),
        };
    }

    /// Wraps a closure that is run elsewhere: on another thread, in a pool, by a callback. It runs in this context.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Context;
    ///
    /// let work = Context::current().wrap(|| 2 + 2);
    /// assert_eq!(std::thread::spawn(work).join().unwrap(), 4);
    /// ```
    pub fn wrap<R>(self, body: impl FnOnce() -> R) -> impl FnOnce() -> R {
        move || self.in_scope(body)
    }

    /// The context for another process. `None` if nothing is recorded.
    fn outgoing(&self) -> Option<(TraceParent, TraceState)> {
        match &self.parent {
            Parent::Noop => None,
            Parent::Root => Some(of_run(&installed::client()?.default_instance()?, None)),
            Parent::Remote(instance, parent) if !instance.is_inherited() => {
                let (own, state) = of_run(instance, Some(*parent));
                let caller = instance.registration().joined().map(|caller| caller.parent);
                Some((caller.unwrap_or(own), state))
            }
            Parent::Instance(instance) | Parent::Remote(instance, _) => {
                Some(of_run(instance.current(), None))
            }
            Parent::Span(span) => {
                // The API must know the span before the other process starts spans under it.
                span.start_by_default();
                let instance = span.instance()?;
                if instance.is_inherited() {
                    return Some(of_run(instance.current(), None));
                }
                Some(of_run(&instance, span.nearest_sent()))
            }
        }
    }
}

/// The headers for a run and a span in it. Without a span, the end of the trace id is the span id.
fn of_run(instance: &Arc<InstanceState>, span: Option<SpanKey>) -> (TraceParent, TraceState) {
    let run = instance.registration();
    let trace_id = run.trace_id();
    let [_, _, _, _, _, _, _, _, end @ ..] = trace_id;
    let mut parent = TraceParent {
        trace_id,
        span_id: span.map_or(end, SpanKey::w3c_bytes),
        is_sampled: instance.is_recorded(),
    };
    let mut state = TraceState::default();
    if let Some(caller) = run.joined() {
        parent.is_sampled = caller.is_sampled();
        state.others.clone_from(&caller.state.others);
    }
    // The API does not know a run that sampling leaves out, so no process can join it.
    if instance.is_recorded() && instance.manager().names_runs() {
        instance.start();
        let partition = instance.manager().account().provisional_partition();
        let span_id = span.map(|span| span.in_partition(partition));
        state.own = Some(OwnMember {
            span_id,
            run_id: run.id().map(str::to_owned),
            external_identifier: run.registration.external_identifier.clone(),
        });
    }
    (parent, state)
}
