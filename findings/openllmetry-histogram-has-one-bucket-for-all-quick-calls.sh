#!/usr/bin/env bash
# What happens: OpenLLMetry's instrumentation of OpenAI's client measures durations in seconds into a histogram whose bounds nobody set, so that it has
#   OpenTelemetry's own, which suit milliseconds: 0, 5, 10, 25 and so on to 10000. Calls that last from nothing to five seconds are in one bucket:
#   a median of them says nothing, and calls that take ten times as long as before raise no alarm. Prompts of more than 10,000 tokens are all
#   in the last bucket, which has no end.
# The wrong guess: The metric that the conventions name has the bounds that they list for it, 0.01 to 81.92 seconds.
# Versions: opentelemetry-instrumentation-openai==0.62.4, openai==3.57.0, opentelemetry-sdk==1.45.2
# Seen:
#   gen_ai.client.token.usage: {'10000.0 to None': 3}
#   gen_ai.client.operation.duration: {'0.0 to 5.0': 3}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-openai==0.62.4 openai==3.57.0 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, threading, time
from openai import OpenAI
from opentelemetry.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        seconds, tokens = json.loads(json.loads(self.rfile.read(int(self.headers["content-length"])))["messages"][0]["content"])
        time.sleep(seconds)
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "gpt-4o",
                           "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}],
                           "usage": {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
reader = InMemoryMetricReader()
OpenAIInstrumentor().instrument(meter_provider=MeterProvider([reader]))
client = OpenAI(api_key="none", base_url=f"http://127.0.0.1:{server.server_port}")
for call in [(0, 11_000), (0.2, 100_000), (1, 900_000)]:
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": json.dumps(call)}])

seen = {}
for metric in reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics:
    for point in metric.data.data_points:
        if metric.name in ("gen_ai.client.operation.duration", "gen_ai.client.token.usage") \
                and point.attributes.get("gen_ai.token.type") in (None, "input"):
            bounds = [None, *point.explicit_bounds, None]
            seen[metric.name] = {f"{bounds[i]} to {bounds[i + 1]}": n for i, n in enumerate(point.bucket_counts) if n}
for name, buckets in seen.items():
    print(f"{name}: {buckets}")
assert seen["gen_ai.client.token.usage"] == {"10000.0 to None": 3}
assert seen["gen_ai.client.operation.duration"] == {"0.0 to 5.0": 3}
PYTHON
