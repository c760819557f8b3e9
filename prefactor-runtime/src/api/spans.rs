//! `/agent_spans`: the steps of runs.

use std::fmt::Display;

use crate::api::call::{Call, path_of};
use crate::api::fields::{Fields, filter, request};
use crate::api::finish::Finish;
use crate::api::group::group;
use crate::api::instances::Status;
use crate::api::list::List;
use crate::api::objects::objects;
use crate::types::error::Error;
use crate::types::json::Json;
use crate::types::status::{SpanStatus, Terminated};

const PATH: &str = "/agent_spans";

objects! {
    /// One step of a run.
    Span {
        /// Its id.
        id: String,
        /// The run that it belongs to.
        agent_instance_id: String,
        /// The kind of work, as in `agent:llm_call`.
        schema_name: String,
        /// Its state.
        status: Status;
        /// The payload of its start.
        payload: Json,
        /// The payload of its finish.
        result_payload: Option<Json>,
        /// The span that it is a part of.
        parent_span_id: Option<String>,
        /// The account that it belongs to.
        account_id: Option<String>,
        /// The agent that made it.
        agent_id: Option<String>,
        /// The kind of work, for people.
        schema_title: Option<String>,
        /// Its summary, rendered by its template, if it was asked for.
        summary: Option<String>,
        /// When it started, in RFC 3339.
        started_at: Option<String>,
        /// When it ended, in RFC 3339.
        finished_at: Option<String>,
        /// Its purpose: `activity`, `quality` or `alert`.
        purpose: Option<String>,
        /// The data risk that its type declares.
        data_risk: Option<Json>,
        /// `low`, `medium`, `high` or `critical`, where it was asked for and the agent has a risk profile.
        risk_level: Option<String>,
        /// The number behind the level.
        risk_score: Option<f64>,
        /// Whether its payloads have values that are kept apart.
        sensitive_encoding: bool,
        /// The size of its payloads.
        payload_byte_size_estimate: Option<u64>,
    }
}

/// A span as it was recorded, and whether its run is to end.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// The span.
    pub span: Span,
    /// The platform's termination of the run, if there is one.
    pub terminated: Option<Terminated>,
}

request! {
    /// A span to be recorded: `active` with an empty payload, unless said otherwise. Values are sent unchanged: the caller leaves out
    /// those that must not be seen.
    NewSpan(agent_instance_id, schema_name) {
        /// Sets its state. A final one records the whole span at once.
        with_status("status" span_status)
        /// Sets the payload. A value that is not an object becomes `{"result": …}`.
        with_payload("payload" object)
        /// Sets the result payload, for a final status.
        with_result("result_payload" object)
        /// Sets the span that it is a part of.
        with_parent("parent_span_id" text)
        /// Chooses its id, in the account's partition: see [`ApiClient::generate_ids`](crate::api::ApiClient::generate_ids).
        with_id("id" id)
        /// Sets when it started. Default: when the API has it.
        with_started_at("started_at" time)
        /// Sets when it ended.
        with_finished_at("finished_at" time)
        /// Sets whether payloads have values that the platform keeps apart, each as `{"$sensitive": "string", "value": …}`.
        with_sensitive_encoding("sensitive_encoding" switch)
    }
}

impl NewSpan {
    pub(super) fn into_fields(mut self) -> Fields {
        for (name, default) in
            [("status", Json::of(SpanStatus::Active.as_str())), ("payload", Json::of(&serde_json::json!({})))]
        {
            if !self.fields.0.contains_key(name) {
                self.fields.set(name, default);
            }
        }
        self.fields
    }
}

request! {
    /// The end of a span: `complete`, now and without a result, unless said otherwise.
    SpanEnd() {
        /// Sets the state in which it ends: a final one.
        with_status("status" span_status)
        /// Sets the result payload. A value that is not an object becomes `{"result": …}`.
        with_result("result_payload" object)
        /// Sets when it ended.
        at("timestamp" time)
        /// Sets whether the result has values that the platform keeps apart.
        with_sensitive_encoding("sensitive_encoding" switch)
    }
}

filter! {
    /// Selects the spans of a list, and their optional members.
    SpanFilter {
        /// Those of that run.
        instance_id("agent_instance_id" text)
        /// Those of that agent.
        agent_id("agent_id" text)
        /// Those that started at that time or later.
        since("start_time" time)
        /// Those that started at that time or earlier.
        until("end_time" time)
        /// With their summaries, rendered by their templates.
        with_summaries("include_summaries" flag)
        /// With the level of their risk.
        with_risk_level("include_risk_level" flag)
    }
}

group! {
    /// Requests on spans.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{NewSpan, SpanEnd, SpanFilter};
    ///
    /// use prefactor::SpanStatus;
    ///
    /// # let run = "013xrzp12g3nqk8n0000000000000000";
    /// let call = NewSpan::new(run, "agent:llm_call").with_payload(&serde_json::json!({ "prompt": "why" }));
    /// let recorded = api.spans().create(call).await?;
    /// if let Some(terminated) = recorded.terminated {
    ///     println!("{terminated}"); // the platform wants the run to end
    /// }
    /// let end = SpanEnd::new().with_status(SpanStatus::Failed).with_result(&serde_json::json!({ "message": "no answer" }));
    /// let _ = api.spans().finish(&recorded.span.id, end).await?;
    /// for span in api.spans().list(SpanFilter::new().instance_id(run).with_summaries()).all().await? {
    ///     println!("{} {} {:?}", span.schema_name, span.status, span.summary);
    /// }
    /// println!("{}", api.spans().get_unredacted(&recorded.span.id).await?.schema_name);
    /// api.spans().discard_sensitive(&recorded.span.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    Spans
}

impl Spans<'_> {
    /// Records a span.
    pub async fn create(&self, span: NewSpan) -> Result<Recorded, Error> {
        self.recorded(Call::once("create a span", PATH, span.into_fields().wrapped())).await
    }

    /// Ends a span. One that was ended before, by whomever, is no error.
    ///
    /// Where the API takes no cancellation of spans that have started, its refusal is an error
    /// ([`Error::is_conflict`]), for it says the same of them as of spans that have ended.
    pub async fn finish(&self, id: impl Display, end: SpanEnd) -> Result<Finish<Recorded>, Error> {
        let is_cancel = end.fields.0.get("status").is_some_and(|status| status == "cancelled");
        let call = Call::once("finish a span", path_of(PATH, id, "/finish"), end.fields);
        let recorded = self.recorded(call).await;
        if is_cancel { recorded.map(Finish::Done) } else { Finish::of(recorded) }
    }

    async fn recorded(&self, call: Call) -> Result<Recorded, Error> {
        let mut answer = self.connection.send(&call).await?;
        Ok(Recorded { terminated: answer.terminated(), span: answer.details()? })
    }

    /// Shows a span. Values that are kept apart are hidden.
    pub async fn get(&self, id: impl Display) -> Result<Span, Error> {
        self.connection.details(Call::get("show a span", path_of(PATH, id, ""))).await
    }

    /// Shows a span with the values that are kept apart.
    pub async fn get_unredacted(&self, id: impl Display) -> Result<Span, Error> {
        self.connection.details(Call::get("show a span", path_of(PATH, id, "?redacted=false"))).await
    }

    /// Lists spans.
    pub fn list(&self, filter: SpanFilter) -> List<Span> {
        List::new(self.connection, "list spans", PATH, filter.query)
    }

    /// Makes the platform forget the values of a span that are kept apart.
    pub async fn discard_sensitive(&self, id: impl Display) -> Result<Span, Error> {
        let path = path_of(PATH, id, "/discard_sensitive");
        self.connection.details(Call::once("discard sensitive values", path, Fields::default())).await
    }
}
