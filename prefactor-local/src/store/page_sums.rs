//! The usage of spans in the database: stored with each span, and summed by run and model for the page.

use rusqlite::Row;
use serde::Serialize;

use super::{
    page_json::Json,
    page_usage::{Usage, may_tell},
    work::{Reader, Work},
};
use crate::error_response::ErrorResponse;

/// The table `counted`: the usages of the run `?1`, without those that repeat others. The Agents SDK (0.24.0) gives the tokens of a
/// generation again in the turn and in the task around it, so these two count where no span below them has a usage.
pub(super) const COUNTED: &str = "WITH RECURSIVE above (id) AS (
        SELECT span.parent_span_id FROM span_usage AS used JOIN agent_span AS span ON span.seq = used.seq
        WHERE used.agent_instance_id = ?1 AND span.parent_span_id IS NOT NULL
        UNION
        SELECT span.parent_span_id FROM above JOIN agent_span AS span ON span.id = above.id
        WHERE span.parent_span_id IS NOT NULL
    ), counted AS (
        SELECT used.* FROM span_usage AS used JOIN agent_span AS span ON span.seq = used.seq
        WHERE used.agent_instance_id = ?1
            AND NOT (span.schema_name IN ('agent:task', 'agent:turn') AND span.id IN (SELECT id FROM above))
    )";

/// The usage of one model in one run.
#[derive(Debug, Serialize)]
pub(crate) struct ModelUsage {
    model: Option<String>,
    calls: i64,
    input: i64,
    output: i64,
    cached: i64,
    /// The sum of the recorded costs, if every call recorded one.
    cost: Option<f64>,
}

impl Work<'_> {
    /// Stores the usage of a span, if it has one. Every span comes here, so a search for a word comes first.
    pub(super) fn note_usage(
        &self,
        instance: &str,
        seq: i64,
        payload: &str,
        result: Option<&str>,
    ) -> Result<(), ErrorResponse> {
        let result = result.unwrap_or("{}");
        if !may_tell(result) && !may_tell(payload) {
            return Ok(());
        }
        let usage = Usage::of(&Json::read(payload), &Json::read(result));
        if usage.is_empty() {
            return Ok(());
        }
        self.sql
            .prepare_cached(
                "INSERT INTO span_usage (agent_instance_id, seq, model, input, output, cached, cost)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET model = ?3, input = ?4, output = ?5, cached = ?6, cost = ?7",
            )?
            .execute((instance, seq, &usage.model, usage.input, usage.output, usage.cached, usage.cost))?;
        Ok(())
    }

    /// Stores the usage of a span whose result comes later; its payload may name the model.
    pub(super) fn note_usage_of_result(
        &self,
        instance: &str,
        seq: i64,
        result: &str,
    ) -> Result<(), ErrorResponse> {
        if !may_tell(result) {
            return Ok(());
        }
        let payload: String = self
            .sql
            .prepare_cached("SELECT payload FROM agent_span_payload WHERE seq = ?1")?
            .query_row([seq], |row| row.get(0))?;
        self.note_usage(instance, seq, &payload, Some(result))
    }
}

impl Reader<'_> {
    /// Returns the models of a run, each with its usage.
    pub(super) fn usage_of_run(&self, instance: &str) -> Result<Vec<ModelUsage>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(&[
            COUNTED,
            " SELECT model, count(*) AS calls, sum(coalesce(input, 0)) AS input, sum(coalesce(output, 0)) AS output,
                 sum(coalesce(cached, 0)) AS cached, CASE WHEN count(cost) = count(*) THEN sum(cost) END AS cost
             FROM counted GROUP BY model ORDER BY model",
        ].concat())?;
        let models = statement.query_map([instance], read)?.collect::<Result<_, _>>()?;
        Ok(models)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ModelUsage> {
    Ok(ModelUsage {
        model: row.get("model")?,
        calls: row.get("calls")?,
        input: row.get("input")?,
        output: row.get("output")?,
        cached: row.get("cached")?,
        cost: row.get("cost")?,
    })
}
