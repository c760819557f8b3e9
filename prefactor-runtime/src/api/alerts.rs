//! `/alerts`: findings about runs that a person should look at.

use std::fmt::Display;

use crate::api::call::{Call, path_of};
use crate::api::fields::{filter, object, request};
use crate::api::group::group;
use crate::api::list::List;
use crate::api::objects::{objects, words};
use crate::types::alert::Severity;
use crate::types::error::Error;
use crate::types::json::Json;

const PATH: &str = "/alerts";

words! {
    /// The state of an alert.
    AlertStatus {
        /// Somebody should look.
        Raised = "raised",
        /// It is over.
        Cleared = "cleared",
    }
}

objects! {
    /// Something about a run that somebody should look at.
    Alert {
        /// Its id.
        id: String,
        /// The run that it is about.
        agent_instance_id: String,
        /// Its name, which the alert schemas have.
        name: String,
        /// Its state.
        status: AlertStatus;
        /// `critical`, `error`, `warning` or `info`.
        severity: Option<String>,
        /// The account that it belongs to.
        account_id: Option<String>,
        /// The agent that ran.
        agent_id: Option<String>,
        /// Where it ran.
        environment_id: Option<String>,
        /// Its name, for people.
        title: Option<String>,
        /// Its summary, rendered by its template.
        summary: Option<String>,
        /// Its data.
        payload: Json,
        /// Whether the data has values that are kept apart.
        payload_sensitive_encoding: bool,
        /// When it was raised, in RFC 3339.
        raised_at: Option<String>,
        /// When it was cleared, in RFC 3339.
        cleared_at: Option<String>,
    }
}

request! {
    /// An alert to be raised.
    NewAlert(agent_instance_id, name) {
        /// Sets the data. A value that is not an object becomes `{"result": …}`.
        with_payload("payload" object)
        /// Sets when it was raised. Default: when the API has it.
        with_raised_at("raised_at" time)
        /// Sets whether the payload has values that the platform keeps apart, each as `{"$sensitive": "string", "value": …}`.
        with_sensitive_encoding("payload_sensitive_encoding" switch)
    }
}

request! {
    /// An alert to be cleared, with what is known at its end.
    ClearedAlert(agent_instance_id, name) {
        /// Sets the data that it ends with. A value that is not an object becomes `{"result": …}`.
        with_payload("payload" object)
        /// Sets how severe it was.
        with_severity("severity" severity)
        /// Sets when it was cleared. Default: when the API has it.
        with_cleared_at("cleared_at" time)
        /// Sets whether the payload has values that the platform keeps apart, each as `{"$sensitive": "string", "value": …}`.
        with_sensitive_encoding("payload_sensitive_encoding" switch)
    }
}

filter! {
    /// Which alerts a list has.
    AlertFilter {
        /// Those of that run.
        instance_id("agent_instance_id" text)
        /// Those of that agent.
        agent_id("agent_id" text)
        /// Those in that environment.
        environment_id("environment_id" text)
        /// Those in that state: `raised` or `cleared`.
        status("status" text)
        /// Those that are so severe.
        severity("severity" severity)
        /// Those of that name.
        name("name" text)
        /// Those that were raised then or later, or not cleared before.
        active_since("active_during[start_at]" time)
        /// Those that were raised then or earlier.
        active_until("active_during[finish_at]" time)
    }
}

group! {
    /// Requests on alerts.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{AlertFilter, ClearedAlert, NewAlert};
    ///
    /// use prefactor::Severity;
    ///
    /// # let run = "013xrzp12g3nqk8n0000000000000000";
    /// let budget = NewAlert::new(run, "budget").with_payload(&serde_json::json!({ "spent_usd": 4.2 }));
    /// let raised = api.alerts().raise(budget, Severity::Warning).await?;
    /// println!("{} {}", api.alerts().get(&raised.id).await?.name, raised.status);
    /// let critical = || AlertFilter::new().severity(Severity::Critical).status("raised");
    /// println!("{} of {}", api.alerts().list(critical()).all().await?.len(), api.alerts().count(critical()).await?);
    /// api.alerts().clear(run, "budget").await?;
    ///
    /// // With what is known at its end.
    /// let over = ClearedAlert::new(run, "safety").with_payload(&serde_json::json!({ "checked_by": "review" }));
    /// api.alerts().clear_with(over).await?;
    /// # Ok(())
    /// # }
    /// ```
    Alerts
}

impl Alerts<'_> {
    /// Raises an alert.
    pub async fn raise(&self, alert: NewAlert, severity: Severity) -> Result<Alert, Error> {
        let mut body = alert.fields;
        body.set("severity", severity.as_str());
        if !body.0.contains_key("payload") {
            body.set("payload", object(&()));
        }
        self.connection.details(Call::once("raise an alert", "/alerts/raise", body)).await
    }

    /// Clears an alert of a run.
    pub async fn clear(&self, instance_id: impl Display, name: impl Into<String>) -> Result<Alert, Error> {
        self.clear_with(ClearedAlert::new(instance_id.to_string(), name)).await
    }

    /// Clears an alert of a run, with data, severity or time.
    pub async fn clear_with(&self, alert: ClearedAlert) -> Result<Alert, Error> {
        self.connection.details(Call::once("clear an alert", "/alerts/clear", alert.fields)).await
    }

    /// Shows an alert.
    pub async fn get(&self, id: impl Display) -> Result<Alert, Error> {
        self.connection.details(Call::get("show an alert", path_of(PATH, id, ""))).await
    }

    /// Lists alerts.
    pub fn list(&self, filter: AlertFilter) -> List<Alert> {
        List::new(self.connection, "list alerts", PATH, filter.query)
    }

    /// Counts raised alerts.
    pub async fn count(&self, filter: AlertFilter) -> Result<u64, Error> {
        let call = Call::get("count alerts", filter.query.behind("/alerts/count"));
        self.connection.send(&call).await?.member("count")
    }
}
