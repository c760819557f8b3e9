// Sends spans one after another through the official TypeScript SDK. Usage: sdk.mjs MODULES URL SPANS

import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, apiUrl, count] = process.argv.slice(2);
const { createConfig, createCore } = createRequire(join(modules, "x.js"))("@prefactor/core");

const PROSE =
  'The agent asked: "which of the bridges is open today?"\nIt read the notes, and it found three.\n';
const TEXT = PROSE.repeat(3).slice(0, 256);
const SPANS = Number(count);

const { tracer, agentManager, shutdown } = createCore(
  createConfig({
    transportType: "http",
    httpConfig: { apiUrl, apiToken: "token", agentIdentifier: "1", agentSchema: { external_identifier: "1" } },
  }),
);
agentManager.startInstance();

function call() {
  const inputs = { model: "small", prompt: TEXT, temperature: 0.5 };
  const span = tracer.startSpan({ name: "llm_call", spanType: "agent:llm_call", inputs });
  tracer.endSpan(span, { outputs: { text: TEXT } });
}

const begin = performance.now();
for (let made = 0; made < SPANS; made += 1) {
  call();
  // An agent awaits something within each span.
  await new Promise(setImmediate);
}
const made = performance.now();
await shutdown();
const end = performance.now();
const times = [end - made, end - begin];
console.log(times.map((milliseconds) => milliseconds * 1e3).join(" "));
