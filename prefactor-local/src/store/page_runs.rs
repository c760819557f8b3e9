//! The page's list of runs, and its filters.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, params_from_iter, types};
use serde::Serialize;
use serde_json::Value;

use super::{
    list::{Filter, Page, Pagination, Sorted},
    page_json::{Json, beginning},
    page_label::first_text,
    page_sums::ModelUsage,
    page_usage::count,
    work::{Reader, Work},
};
use crate::{
    error_response::ErrorResponse,
    model::{AgentInstance, Status},
    time::Time,
};

/// Names are cut to 256 characters, here and in the filter, which bounds the list.
const SELECT: &str = "SELECT i.*, substr(a.name, 1, 256) AS agent_name, substr(v.external_identifier, 1, 256) AS version,
    coalesce((SELECT spans FROM run_loss WHERE agent_instance_id = i.id), 0) AS lost
    FROM agent_instance i JOIN agent a ON a.id = i.agent_id JOIN agent_version v ON v.id = i.agent_version_id";

/// The number of spans without a parent that are searched for the question of a run.
const ROOTS: u32 = 5;
/// The number of tags that are kept of a run, and their greatest length.
const TAGS: usize = 20;
const TAG_LENGTH: usize = 60;

/// One run of the list. Instants are microseconds since 1970.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    id: String,
    agent: String,
    version: String,
    /// The first text of the first span without a parent.
    question: Option<String>,
    session: Option<String>,
    user: Option<String>,
    tags: Vec<String>,
    status: Status,
    purpose: String,
    external_identifier: Option<String>,
    /// The reason of its termination.
    reason: Option<String>,
    registered: i64,
    started: Option<i64>,
    finished: Option<i64>,
    /// The start of its silence, once that is long enough to be marked.
    silent_since: Option<i64>,
    spans: i64,
    open: i64,
    failed: i64,
    /// The number of spans that the agent reported as lost.
    lost: i64,
    /// Quality by name: the summary of its template, else the payload.
    quality: BTreeMap<String, Value>,
    /// Alerts that are raised and not cleared.
    alerts: Vec<RaisedAlert>,
    models: Vec<ModelUsage>,
}

#[derive(Debug, Serialize)]
struct RaisedAlert {
    name: String,
    severity: String,
}

#[derive(Serialize)]
struct RunNow {
    now: i64,
    run: Run,
}

/// A run as the API lists it, with what tells it from others.
#[derive(Debug, Serialize)]
pub(crate) struct NamedRun {
    #[serde(flatten)]
    instance: AgentInstance,
    agent_name: String,
    question: Option<String>,
}

/// The filters of the list, which must all hold.
#[derive(Debug, Default)]
pub(crate) struct RunFilter {
    pub(crate) agent: Option<String>,
    pub(crate) status: Option<Status>,
    /// Started at this instant or later; registered then, if it has not started.
    pub(crate) since: Option<Time>,
    pub(crate) tag: Option<String>,
    pub(crate) has_errors: bool,
}

/// A part of the list of runs, newest first.
#[derive(Debug, Serialize)]
pub(crate) struct RunPage {
    pub(crate) runs: Vec<Run>,
    /// The number of all matching runs.
    pub(crate) total: i64,
    pub(crate) offset: u32,
    /// Whether a search found more spans than it followed: older runs may match as well.
    pub(crate) is_partial: bool,
}

impl RunFilter {
    /// Returns conditions that begin with `WHERE`, and their values.
    pub(super) fn to_sql(&self) -> (String, Vec<types::Value>) {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        let mut and = |condition, value: Option<types::Value>| {
            conditions.push(condition);
            values.extend(value);
        };
        if let Some(agent) = &self.agent {
            and(
                "i.agent_id IN (SELECT id FROM agent WHERE substr(name, 1, 256) = ?)",
                Some(agent.clone().into()),
            );
        }
        if let Some(status) = self.status {
            and("i.status = ?", Some(status.as_str().to_owned().into()));
        }
        if let Some(since) = self.since {
            and("coalesce(i.started_at, i.inserted_at) >= ?", Some(since.into()));
        }
        if let Some(tag) = &self.tag {
            and("i.id IN (SELECT agent_instance_id FROM run_tag WHERE tag = ?)", Some(tag.clone().into()));
        }
        if self.has_errors {
            and("(i.spans_failed > 0 OR i.status = 'failed')", None);
        }
        let sql = if conditions.is_empty() {
            String::new()
        } else {
            [" WHERE ", &conditions.join(" AND ")].concat()
        };
        (sql, values)
    }
}

impl Reader<'_> {
    pub(crate) fn run_page(
        &self,
        filter: &RunFilter,
        offset: u32,
        size: u32,
    ) -> Result<RunPage, ErrorResponse> {
        let (conditions, mut values) = filter.to_sql();
        let count = ["SELECT count(*) FROM agent_instance i", &conditions].concat();
        let total =
            self.sql.prepare_cached(&count)?.query_row(params_from_iter(&values), |row| row.get(0))?;
        let select = [SELECT, &conditions, " ORDER BY i.rowid DESC LIMIT ? OFFSET ?"].concat();
        values.extend([size.into(), offset.into()]);
        let mut statement = self.sql.prepare_cached(&select)?;
        let runs = statement.query_map(params_from_iter(&values), read)?.collect::<Result<Vec<_>, _>>()?;
        let runs = runs.into_iter().map(|run| self.completed(run)).collect::<Result<_, _>>()?;
        Ok(RunPage { runs, total, offset, is_partial: false })
    }

    /// Returns a part of the API's list of runs.
    pub(crate) fn named_runs(
        &self,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<NamedRun>, Pagination), ErrorResponse> {
        let (instances, pagination) = self.instances(Filter::default(), sorted, page)?;
        let named = |instance: AgentInstance| {
            let Run { agent: agent_name, question, .. } = self.run(&instance.id)?;
            Ok(NamedRun { instance, agent_name, question })
        };
        Ok((instances.into_iter().map(named).collect::<Result<_, ErrorResponse>>()?, pagination))
    }

    pub(crate) fn run(&self, id: &str) -> Result<Run, ErrorResponse> {
        let select = [SELECT, " WHERE i.id = ?1"].concat();
        let run = self.sql.prepare_cached(&select)?.query_row([id], read).optional()?;
        self.completed(run.ok_or_else(|| ErrorResponse::not_found("run"))?)
    }

    /// Returns the JSON of one run, with the server's clock beside it: the duration of an open run must not depend on
    /// the browser's clock.
    pub(crate) fn run_now(&self, id: &str) -> Result<String, ErrorResponse> {
        Ok(serde_json::to_string(&RunNow { now: Time::now().micros(), run: self.run(id)? })?)
    }

    /// Returns the names of agents and the tags of runs that a filter may choose.
    pub(crate) fn run_choices(&self) -> Result<(Vec<String>, Vec<String>), ErrorResponse> {
        let list = |sql| -> Result<Vec<String>, ErrorResponse> {
            let mut statement = self.sql.prepare_cached(sql)?;
            let names = statement.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(names)
        };
        Ok((
            list("SELECT DISTINCT substr(name, 1, 256) FROM agent ORDER BY 1 LIMIT 500")?,
            list("SELECT DISTINCT tag FROM run_tag ORDER BY tag LIMIT 500")?,
        ))
    }

    /// Returns the bytes of the database, with its free pages.
    pub(crate) fn database_bytes(&self) -> Result<i64, ErrorResponse> {
        let bytes = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        Ok(self.sql.prepare_cached(bytes)?.query_row((), |row| row.get(0))?)
    }

    fn completed(&self, mut run: Run) -> Result<Run, ErrorResponse> {
        let mut roots = self.sql.prepare_cached(
            "SELECT t.payload, s.sensitive_encoding FROM agent_span s JOIN agent_span_payload t ON t.seq = s.seq
             WHERE s.agent_instance_id = ?1 AND s.parent_span_id IS NULL ORDER BY s.seq LIMIT ?2",
        )?;
        let mut rows = roots.query((&run.id, ROOTS))?;
        while let Some(row) = rows.next()? {
            let payload = Json::read(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            let about = |names: &[&str]| {
                let places = [Some(&payload), payload.get("metadata"), payload.get("run")];
                names
                    .iter()
                    .find_map(|name| places.iter().find_map(|place| (*place)?.get(name)?.text()))
                    .map(|text| beginning(text, 256).to_owned())
            };
            run.session = run.session.or_else(|| about(&["session_id", "session", "group_id"]));
            run.user = run.user.or_else(|| about(&["user_id", "user"]));
            if run.question.is_none() {
                run.question = first_text(&payload);
            }
            if run.question.is_some() {
                break;
            }
        }
        let mut tags =
            self.sql.prepare_cached("SELECT tag FROM run_tag WHERE agent_instance_id = ?1 ORDER BY tag")?;
        run.tags = tags.query_map([&run.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        run.models = self.usage_of_run(&run.id)?;
        let mut alerts = self.sql.prepare_cached(
            "SELECT name, severity FROM alert WHERE agent_instance_id = ?1 AND status = 'raised' ORDER BY raised_at",
        )?;
        run.alerts = alerts
            .query_map([&run.id], |row| Ok(RaisedAlert { name: row.get(0)?, severity: row.get(1)? }))?
            .collect::<Result<_, _>>()?;
        let declared = self.declared_of(&run.id)?;
        let records = self.quality(&run.id, declared.as_deref())?;
        for (name, payload) in records.quality_payloads {
            let summary = records.quality_summaries.get(&name).cloned().map(Value::String);
            run.quality.insert(name, summary.map_or_else(|| serde_json::from_str(payload.get()), Ok)?);
        }
        Ok(run)
    }
}

impl Work<'_> {
    /// Stores the tags of a span without a parent, from `tags`, `metadata.tags` or `run.tags`.
    pub(super) fn note_tags(&self, instance: &str, payload: &str) -> Result<(), ErrorResponse> {
        if !payload.contains("\"tags\"") {
            return Ok(());
        }
        let payload = Json::read(payload);
        let tags = payload
            .get("tags")
            .or_else(|| payload.at(&["metadata", "tags"]))
            .or_else(|| payload.at(&["run", "tags"]));
        let mut insert = self
            .sql
            .prepare_cached("INSERT OR IGNORE INTO run_tag (agent_instance_id, tag) VALUES (?1, ?2)")?;
        for tag in tags.map(Json::list).unwrap_or_default().iter().filter_map(Json::text).take(TAGS) {
            insert.execute((instance, beginning(tag, TAG_LENGTH)))?;
        }
        Ok(())
    }
}

/// The type of the span by which an agent reports how many spans of the run are lost, as `spans`.
const LOSS: &str = "prefactor:lost";

impl Work<'_> {
    /// Stores the reported number of lost spans; the last one counts.
    pub(super) fn note_loss(&self, instance: &str, kind: &str, payload: &str) -> Result<(), ErrorResponse> {
        if kind != LOSS {
            return Ok(());
        }
        if let Some(spans) = Json::read(payload).get("spans").and_then(count) {
            self.sql
                .prepare_cached("INSERT OR REPLACE INTO run_loss (agent_instance_id, spans) VALUES (?1, ?2)")?
                .execute((instance, spans))?;
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Run> {
    let count = |column| row.get::<_, i64>(column);
    let (pending, open, failed) = (count("spans_pending")?, count("spans_active")?, count("spans_failed")?);
    Ok(Run {
        id: row.get("id")?,
        agent: row.get("agent_name")?,
        version: row.get("version")?,
        question: None,
        session: None,
        user: None,
        tags: Vec::new(),
        status: row.get("status")?,
        purpose: row.get("purpose")?,
        external_identifier: row
            .get::<_, Option<String>>("external_identifier")?
            .map(|identifier| beginning(&identifier, 256).to_owned()),
        reason: row.get("termination_reason")?,
        registered: row.get("inserted_at")?,
        started: row.get("started_at")?,
        finished: row.get("finished_at")?,
        silent_since: row.get("silent_since")?,
        spans: pending + open + failed + count("spans_complete")? + count("spans_cancelled")?,
        open,
        failed,
        lost: row.get("lost")?,
        quality: BTreeMap::new(),
        alerts: Vec::new(),
        models: Vec::new(),
    })
}
