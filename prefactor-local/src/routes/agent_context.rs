//! `/agent_instance/{id}/agent_context`: a run as one document, for a reader that is a program.

use serde_json::json;

use super::call::Lookup;
use crate::time::Time;

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| {
        reader.instance(&id)?;
        let spans = reader.all_spans(&id)?;
        let context = json!({
            "body": {"format": "agent_context_v1", "spans": spans},
            "generated_at": Time::now(),
            "span_count": spans.len(),
        });
        Ok(json!({"status": "success", "agent_context": context}).to_string())
    })
}
