// Records runs like those of real agents, for the pictures of the page and for trying it by hand.

import { api, bulk } from "./api.mjs";

const { PAGE_URL } = process.env;
const VERSION = { researcher: ["2.0.4", "2.1.0"], "support-bot": ["1.4.0"], summarizer: ["0.9.3"], "graph-worker": ["3.2.0"] };
const QUESTIONS = [
  "How does a span become current?",
  "What happens to spans when the API is down?",
  "Compare the bulk endpoint with single requests",
  "Which features does the facade have?",
  "Who may know the wire format?",
];
const SCHEMAS = {
  external_identifier: "demo-1",
  span_type_schemas: [{ name: "agent:plan", params_schema: { type: "object", required: ["question"] }, title: "Plan" }],
  quality_schemas: [{ name: "helpful", schema: { type: "object" }, template: "{{ score }} of 5" }],
  alert_schemas: [{ name: "slow_tool", schema: { type: "object" } }],
};
let keys = 0;
const key = () => `demo-${(keys += 1)}-00000000`;
const at = (start, seconds) => new Date(start + seconds * 1000).toISOString();

async function begin(agent, version, start) {
  const body = { agent_version: { name: agent, external_identifier: version }, agent_schema_version: SCHEMAS, idempotency_key: key() };
  const { details } = await api("agent_instance/register", body);
  await api(`agent_instance/${details.id}/start`, { timestamp: at(start, 0) });
  return details.id;
}

// A line is `[name, parent's index, from, to, payload, result, more]`, with seconds after the start.
async function record(run, start, lines) {
  const ids = [];
  for (const [schema_name, parent, from, to, payload, result_payload, more] of lines) {
    const times = to === null ? { status: "active", started_at: at(start, from) } : { status: "complete", started_at: at(start, from), finished_at: at(start, to), result_payload };
    const details = { agent_instance_id: run, schema_name, payload, ...(parent === null ? {} : { parent_span_id: ids[parent] }), ...times, ...more };
    const [{ id }] = await bulk([{ _type: "agent_spans/create", details }]);
    ids.push(id);
  }
  return ids;
}

const messages = (question) => [
  { role: "system", content: "Answer with sources." },
  { role: "user", content: question },
  { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "get_weather", arguments: '{"city":"Berlin","days":3}' } }] },
  { role: "tool", tool_call_id: "call_1", content: '{"temperature":7.5,"unit":"°C"}' },
  { role: "user", content: "And in one paragraph, please." },
];
const ANSWER = "A span becomes current when the future that carries it is polled.\n\nThe wrapper sets it before the poll and a guard restores the one before afterwards, so that spans of other tasks on the same thread are not mixed up.";

function research(start, question, fails, session) {
  const search = (words, from, to) => [
    ["tool:search", 0, from, to, { query: words, limit: 5 }, { hits: 5 }],
    ["db:fts_query", -1, from + 0.02, to - 0.14, { sql: "SELECT path, snippet FROM docs WHERE docs MATCH ?1" }, { rows: 5 }],
  ];
  const usage = { prompt_tokens: 3120, completion_tokens: 410, total_tokens: 3530, prompt_tokens_details: { cached_tokens: 2048 } };
  const failure = { error_type: "reqwest::Error", message: "error sending request for url (http://weather.local/v1): operation timed out", sources: ["operation timed out"] };
  const lines = [
    ["agent:run", null, 0, 9, { question, tags: ["beta", "prod"], metadata: { session_id: session, user_id: "ada" } }, { answer: ANSWER }],
    ["agent:plan", 0, 0.03, 1.89, { question }, { steps: ["search", "read", "answer"] }],
    ["openai:chat", 1, 0.08, 1.85, { model: "gpt-4o-2024-08-06", messages: messages(question).slice(0, 2), temperature: 0.2 }, { content: "1. search 2. read 3. answer", token_usage: { prompt_tokens: 1180, completion_tokens: 186, total_tokens: 1366, prompt_tokens_details: { cached_tokens: 896 } } }],
    ...search("current span", 1.95, 2.5),
    ...search("poll future context", 2.05, 2.78),
    ...search("thread local guard", 2.2, 3.11),
    ["agent:read", 0, 3.3, 3.5, { name: "Read the guide", path: "README.md" }, { lines: 240 }],
    ["agent:read", 0, 3.55, 3.79, { name: "Read the design", path: "ARCHITECTURE.md" }, { lines: 130 }],
    ["agent:read", 0, 3.83, 4.11, { name: "Read the code", path: "src/context/current.rs" }, { lines: 96 }],
    ["tool:get_weather", 0, 4.2, 4.8, { tool_name: "get_weather", arguments: { city: "Berlin", days: 3 } }, fails ? failure : { output: { temperature: 7.5, unit: "°C", forecast: [7.5, 8.1, 6.9] } }, fails ? { status: "failed" } : {}],
    ["embedding:create", 0, 4.83, 5.08, { model: "text-embedding-3-small", input: question }, { usage: { prompt_tokens: 12, total_tokens: 12 }, embedding: Array.from({ length: 64 }, (_, n) => Math.round(1e6 * Math.sin(n)) / 1e6) }],
    ["openai:chat", 0, 5.12, 8.67, { model: "gpt-4o-2024-08-06", messages: messages(question) }, { choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: ANSWER } }], usage, events: [{ name: "retry", at: at(start, 5.21), data: { reason: "429" } }, { name: "first_token", at: at(start, 5.83), data: { model: "gpt-4o" } }] }],
  ];
  // The index -1 stands for the line before.
  return lines.map((line, index) => (line[1] === -1 ? [line[0], index - 1, ...line.slice(2)] : line));
}

export async function demo() {
  await fetch(`${PAGE_URL}/page/prices`, {
    method: "PUT",
    headers: { "content-type": "application/json", "prefactor-page": "1" },
    body: JSON.stringify({ prices: [{ model: "gpt-4o", input: 2.5, cached: 1.25, output: 10, as_of: "2026-11-01" }, { model: "text-embedding-3-small", input: 0.02, cached: null, output: 0, as_of: "2026-11-01" }] }),
  });
  const now = Date.now();
  const minutes = (count) => now - count * 60_000;
  const summary = await begin("summarizer", "0.9.3", minutes(2880));
  await record(summary, minutes(2880), [["openai:chat", null, 0, 9, { model: "gpt-4o-mini", question: "Summarise the minutes of Tuesday", messages: [{ role: "user", content: "Summarise the minutes of Tuesday" }] }, { content: "Three decisions.", total_cost_usd: 0.0342, usage: { input_tokens: 8200, output_tokens: 600 } }]]);
  await api(`agent_instance/${summary}/finish`, { timestamp: at(minutes(2880), 9) });
  const support = await begin("support-bot", "1.4.0", minutes(300));
  await record(support, minutes(300), [
    ["agent:run", null, 0, 3, { question: "Where is my parcel 00340434161094015902?" }, { error_type: "Timeout", message: "the carrier did not answer" }, { status: "failed" }],
    ["tool:carrier", 0, 0.2, 2.9, { parcel: "00340434161094015902" }, { error_type: "Timeout", message: "deadline of 2.5 s" }, { status: "failed" }],
    ["prefactor:lost", null, 3, 3, { spans: 1240 }, {}],
  ]);
  await api(`agent_instance/${support}/finish`, { status: "failed", timestamp: at(minutes(300), 3) });
  // LangChain's middleware records no parents.
  const flat = await begin("graph-worker", "3.2.0", minutes(200));
  await record(flat, minutes(200), [
    ["langchain:agent", null, 0, 4, { inputs: { messages: ["What is 2 + 3?"] }, agent_name: "calculator" }, { outputs: { messages: ["It is 5."] } }],
    ["langchain:llm", null, 0.1, 1.2, { model_name: "gpt-4o", inputs: { messages: [{ role: "user", content: "What is 2 + 3?" }] } }, { outputs: { content: "" }, token_usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } }],
    ["langchain:tool:add", null, 1.3, 1.5, { tool_name: "add", inputs: { a: 2, b: 3 } }, { outputs: { output: 5 } }],
    ["langchain:llm", null, 1.6, 3.9, { model_name: "gpt-4o", inputs: { messages: [{ role: "user", content: "What is 2 + 3?" }] } }, { outputs: { content: "It is 5." }, token_usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 } }],
  ]);
  await api(`agent_instance/${flat}/finish`, { timestamp: at(minutes(200), 4) });
  const runs = [];
  for (let index = 0; index < 10; index += 1) {
    const start = minutes(150 - 14 * index);
    const version = VERSION.researcher[index < 5 ? 0 : 1];
    const fails = index % 4 === 1;
    const run = await begin("researcher", version, start);
    await record(run, start, research(start, QUESTIONS[index % QUESTIONS.length], fails, `support-47${index}`));
    await api(`agent_instance/${run}/finish`, { status: fails ? "failed" : "complete", timestamp: at(start, 9) });
    if (index % 3 !== 2) await api(`agent_instance/${run}/record_quality`, { name: "helpful", payload: { score: 1 + ((index * 3) % 5) } });
    if (index % 5 === 1) await api("alerts/raise", { agent_instance_id: run, name: "slow_tool", severity: "warning", payload: { tool: "get_weather" } });
    runs.push(run);
  }
  const start = now - 4000;
  const open = await begin("researcher", "2.1.0", start);
  await record(open, start, research(start, "Which layers may know the wire format?", false, "support-4799").slice(0, 9).map((line, index) => (index === 0 ? [...line.slice(0, 3), null, line[4]] : line)));
  return { runs, open, support, flat, failed: runs[9], other: runs[8] };
}
