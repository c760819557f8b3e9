// Calls every public method of the official TypeScript core once and prints one line of JSON. The first argument is the
// folder with node_modules; PREFACTOR_API_URL and PREFACTOR_API_TOKEN name the server.

import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.argv[2]}/`));
const core = require('@prefactor/core');

const httpConfig = { apiUrl: process.env.PREFACTOR_API_URL, apiToken: process.env.PREFACTOR_API_TOKEN, maxRetries: 0 };
const schema = {
  external_identifier: 'ts-1',
  span_schemas: { agent: { type: 'object' }, 'ts:llm': { type: 'object' } },
  span_result_schemas: { agent: { type: 'object' }, 'ts:llm': { type: 'object' } },
};

// The package reports losses only to the console.
const complaints = [];
for (const level of ['warn', 'error']) console[level] = (...words) => complaints.push(words.join(' '));

async function low() {
  const http = new core.HttpClient(core.HttpTransportConfigSchema.parse(httpConfig));
  const instances = new core.AgentInstanceClient(http);
  const spans = new core.AgentSpanClient(http);
  const registered = await instances.register({
    agent_version: { external_identifier: '1', name: 'low', description: '' },
    agent_schema_version: schema,
    idempotency_key: 'ts-register-1',
  });
  const instance = registered.details.id;
  await instances.start(instance, { timestamp: '2026-01-31T12:00:00.123Z', idempotency_key: 'ts-start-1' });
  const details = {
    agent_instance_id: instance,
    schema_name: 'ts:llm',
    status: 'active',
    payload: { inputs: {} },
    parent_span_id: null,
    started_at: '2026-01-31T12:00:00.200Z',
    finished_at: null,
  };
  const created = await spans.create({ details, idempotency_key: 'ts-span-1' });
  const again = await spans.create({ details, idempotency_key: 'ts-span-1' });
  await spans.finish(created.details.id, '2026-01-31T12:00:00.300Z', {
    status: 'complete',
    result_payload: { ok: true },
    idempotency_key: 'ts-finish-1',
  });
  // The package treats a 409 with invalid_action as success.
  const twice = await spans.finish(created.details.id, '2026-01-31T12:00:00.300Z').catch((error) => error.status);
  const finished = await instances.finish(instance, { status: 'complete', timestamp: '2026-01-31T12:00:01.000Z' });
  const missing = await http.request('/api/v1/agent_instance/nothing').catch((error) => error);
  return {
    instance,
    same: created.details.id === again.details.id,
    started_at: created.details.started_at,
    twice: twice ?? 'success',
    finished: finished.details.status,
    missing: [missing instanceof core.HttpClientError, missing.status, missing.responseBody.code],
  };
}

async function high() {
  core.configureLogging();
  core.getLogger('every-method').debug('it begins');
  const config = core.createConfig({ httpConfig: { ...httpConfig, agentName: 'high', agentIdentifier: 'v1.0.0' } });
  const runtime = core.createCore(config);
  runtime.agentManager.registerSchema(schema);
  runtime.agentManager.startInstance({ agentName: 'high', agentIdentifier: 'v1.0.0' });
  const options = (name, spanType) => ({ name, spanType, inputs: { question: 'why?' } });
  await core.withSpan(runtime.tracer, options('root', core.SpanType.AGENT), async () => {
    const llm = core.createSpanTypePrefixer('ts')('llm');
    await core.withSpan(options('child', llm), async () => ({ answer: 'so' }));
    await core.withSpan(options('broken', 'ts:llm'), async () => {
      throw new TypeError('no');
    }).catch(() => {});
  });
  const span = runtime.tracer.startSpan(options('manual', 'ts:llm'));
  runtime.tracer.endSpan(span, {
    outputs: { text: core.truncateString('x'.repeat(20), 10), more: core.serializeValue(new Date(0)) },
    tokenUsage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 },
  });
  runtime.agentManager.finishInstance();
  let isDown = false;
  core.registerShutdownHandler('every-method', () => (isDown = true));
  await core.shutdown();
  return { isDown };
}

async function parts() {
  const transport = new core.HttpTransport(core.HttpTransportConfigSchema.parse({ ...httpConfig, agentName: 'parts', agentIdentifier: 'v1' }));
  const manager = new core.AgentInstanceManager(transport, { allowUnregisteredSchema: true });
  manager.registerSchema(schema);
  const tracer = new core.Tracer(transport);
  tracer.startAgentInstance();
  const span = tracer.startSpan({ name: 'open', spanType: core.SpanType.AGENT, inputs: {} });
  tracer.endSpan(span, { error: new RangeError('too far') });
  tracer.finishAgentInstance();
  await tracer.close();
}

// The functions that the package exports, and the methods of its classes, of which the engine saw no call.
async function uncalled(session) {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const called = new Set();
  for (const { url, functions } of result.filter(({ url }) => url.includes('/@prefactor/core/'))) {
    const source = readFileSync(fileURLToPath(url), 'utf8');
    for (const { ranges } of functions.filter(({ ranges }) => ranges[0].count > 0)) called.add(source.slice(ranges[0].startOffset, ranges[0].endOffset));
  }
  const found = [];
  for (const [name, value] of Object.entries(core).filter(([, value]) => typeof value === 'function')) {
    const isClass = String(value).startsWith('class');
    const methods = isClass ? Object.getOwnPropertyNames(value.prototype).filter((method) => method !== 'constructor') : [];
    if (!isClass && !called.has(String(value))) found.push(name);
    found.push(...methods.filter((method) => !called.has(String(value.prototype[method]))).map((method) => `${name}.${method}`));
  }
  return found.sort();
}

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
const report = { ...(await low()), ...(await high()) };
await parts();
console.log(JSON.stringify({ ...report, uncalled: await uncalled(session), complaints }));
