#!/usr/bin/env bash
# What happens: OpenTelemetry for JavaScript writes one span's attribute by two rules. Its protobuf body holds a whole number beyond 64 bits
#   as a double; its JSON body holds it as intValue, which no reader of OTLP can take: protobuf's own parser refuses the whole
#   body, and with it each span of the batch. NaN is `"doubleValue": null` in JSON, which is read as no value.
# The wrong guess: JSON and protobuf are two forms of one message, and a body from the official exporter can be read.
# Versions: @opentelemetry/otlp-transformer@0.223.1, @opentelemetry/sdk-trace-base@2.12.1 (JavaScript),
#   opentelemetry-proto==1.45.2, protobuf==7.36.2 (Python)
# Seen:
#   protobuf: big double 1e+21, nan double nan
#   JSON: big {'intValue': 1e+21}, nan {'doubleValue': None}
#   JSON read by protobuf: with big ParseError, with nan alone: no value
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-proto==1.45.2 protobuf==7.36.2
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @opentelemetry/otlp-transformer@0.223.1 @opentelemetry/sdk-trace-base@2.12.1 \
    @opentelemetry/api@1.9.1 >>npm.log
cat >write.mjs <<'JAVASCRIPT'
import { writeFileSync } from "node:fs";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

for (const [name, value] of [["big", 1e21], ["nan", NaN]]) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.getTracer("finding").startSpan("span", { attributes: { [name]: value } }).end();
  writeFileSync(`${name}.json`, JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans()));
  writeFileSync(`${name}.pb`, ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()));
}
JAVASCRIPT
node write.mjs
venv/bin/python - <<'PYTHON'
import json, math
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

def value(request):
    return request.resource_spans[0].scope_spans[0].spans[0].attributes[0].value

packed = {name: value(ExportTraceServiceRequest.FromString(open(f"{name}.pb", "rb").read())) for name in ("big", "nan")}
text = {name: open(f"{name}.json").read() for name in packed}
written = {name: json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"][0]["value"]
           for name, body in text.items()}

def read(body):
    # The ids are no base64, which is another matter.
    span = json.loads(body)
    span["resourceSpans"][0]["scopeSpans"][0]["spans"][0].update(traceId="", spanId="")
    try:
        return value(json_format.ParseDict(span, ExportTraceServiceRequest())).WhichOneof("value") or "no value"
    except json_format.ParseError:
        return "ParseError"

print(f"protobuf: big double {packed['big'].double_value}, nan double {packed['nan'].double_value}")
print(f"JSON: big {written['big']}, nan {written['nan']}")
print(f"JSON read by protobuf: with big {read(text['big'])}, with nan alone: {read(text['nan'])}")
assert packed["big"].double_value == 1e21 and math.isnan(packed["nan"].double_value)
assert written == {"big": {"intValue": 1e21}, "nan": {"doubleValue": None}}
assert (read(text["big"]), read(text["nan"])) == ("ParseError", "no value")
PYTHON
