#!/usr/bin/env bash
# What happens: A server that takes a request of OTLP and rejects spans of it says so in the answer, as partial_success with a count and a reason.
#   OpenTelemetry's exporter for Python ignores that body: the export is a SUCCESS, and nothing is logged at any level. The one for
#   JavaScript gives the code of success, too, and a warning to a logger that is off until a program sets one. Either way a counter of
#   exported spans counts those that nobody has.
# The wrong guess: What the server rejected is a failed export, or at least a line in the log.
# Versions: opentelemetry-exporter-otlp-proto-http==1.45.2, opentelemetry-sdk==1.45.2, @opentelemetry/exporter-trace-otlp-http 0.223.1,
#   @opentelemetry/sdk-trace-base 2.12.1, @opentelemetry/api 1.9.1
# Seen, where the one span of a request is rejected as too old:
#   python: SpanExportResult.SUCCESS, 0 lines of the exporter
#   javascript: code 0, 1 line(s) at warn
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-exporter-otlp-proto-http==1.45.2 opentelemetry-sdk==1.45.2
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/exporter-trace-otlp-http@0.223.1 @opentelemetry/sdk-trace-base@2.12.1 \
    @opentelemetry/api@1.9.1 >/dev/null
venv/bin/python - <<'PYTHON'
import http.server, logging, threading

class Lines(logging.Handler):
    seen = []

    def emit(self, record):
        if record.name.startswith("opentelemetry"):
            self.seen.append(record.getMessage())

logging.basicConfig(level=logging.DEBUG, handlers=[Lines()])
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

answer = ExportTraceServiceResponse()
answer.partial_success.rejected_spans = 1
answer.partial_success.error_message = "too old"
requests = 0

class Stub(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global requests
        requests += 1
        self.rfile.read(int(self.headers["content-length"]))
        body = answer.SerializeToString()
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()
span = TracerProvider().get_tracer("finding").start_span("step")
span.end()
result = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{server.server_port}/v1/traces").export([span])
lines = [line for line in Lines.seen if "reject" in line.lower() or "partial" in line.lower() or "too old" in line]
print(f"python: {result}, {len(lines)} lines of the exporter")
assert (requests, result, lines) == (1, SpanExportResult.SUCCESS, []), Lines.seen
server.shutdown()
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import http from "node:http";
import { diag, DiagLogLevel } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const lines = [];
const at = (level) => (...words) => lines.push(`${level}: ${words.join(" ")}`);
diag.setLogger({ error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug"), verbose: at("verbose") }, DiagLogLevel.ALL);
const server = http.createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ partialSuccess: { rejectedSpans: "1", errorMessage: "too old" } }));
  });
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const made = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(made)] });
provider.getTracer("finding").startSpan("step").end();
await provider.forceFlush();
const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${server.address().port}/v1/traces` });
const { code } = await new Promise((done) => exporter.export(made.getFinishedSpans(), done));
const told = lines.filter((line) => line.includes("too old")).map((line) => line.split(":")[0]);
console.log(`javascript: code ${code}, ${told.length} line(s) at ${told}`);
assert.deepEqual([code, told], [0, ["warn"]]);
await exporter.shutdown();
server.close();
JAVASCRIPT
node finding.mjs
