const { PAGE_URL, TOKEN } = process.env;
const MOST = 400;
let keys = 0;

export async function api(path, body) {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const response = await fetch(`${PAGE_URL}/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

export async function bulk(items) {
  const details = [];
  for (let from = 0; from < items.length; from += MOST) {
    const part = items.slice(from, from + MOST).map((item) => ({ idempotency_key: `scene-${(keys += 1)}-0000`, ...item }));
    const { outputs } = await api("bulk", { items: part });
    for (const item of part) {
      const output = outputs[item.idempotency_key];
      if (output?.status !== "success") throw new Error(JSON.stringify(output));
      details.push(output.details);
    }
  }
  return details;
}

// A run starts now, or at the given time.
export async function register(name, version = "1", timestamp = undefined) {
  const body = { agent_version: { name, external_identifier: version }, agent_schema_version: { external_identifier: "1", span_type_schemas: [] } };
  const { details } = await api("agent_instance/register", body);
  await api(`agent_instance/${details.id}/start`, { timestamp });
  return details.id;
}

export async function span(run, schemaName, payload = {}, more = {}) {
  const details = { agent_instance_id: run, schema_name: schemaName, status: "complete", payload, ...more };
  return (await api("agent_spans", { details })).details.id;
}

export async function finish(run, status = "complete") {
  await api(`agent_instance/${run}/finish`, { status });
}
