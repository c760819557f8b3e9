#!/usr/bin/env bash
# What happens: A block of Prefactor's core package for Python, `async with run.span(…)`, whose body raises finishes its span as `complete`,
#   without result or error, and then passes the error on. Only a body that calls span.fail() itself is a failed one. The run, too,
#   is `complete` if it is finished as usual.
# The wrong guess: A context manager that sees the exception records it, as those of OpenTelemetry, Logfire and Langfuse do.
# Versions: prefactor-core==0.5.3, prefactor-http==0.4.3
# Seen:
#   the body raised ValueError; the span's finish says: complete, result None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefactor-core==0.5.3 prefactor-http==0.4.3
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, http.server, json, threading
from prefactor_core import PrefactorCoreClient, PrefactorCoreConfig
from prefactor_http import HttpClientConfig

ID, NOW = "0123456789abcdefghjkmnpqrstvwx00", "2026-01-31T12:00:00Z"
requests = []

class Stub(http.server.BaseHTTPRequestHandler):
    def answer(self, details):
        body = json.dumps({"status": "success", "details": details}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer({"token_type": "api"})

    def do_POST(self):
        requests.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")))
        details = {"id": ID, "account_id": ID, "agent_id": ID, "inserted_at": NOW, "updated_at": NOW, "status": "active"}
        if "agent_spans" in self.path:
            details |= {"type": "agent_span", "agent_instance_id": ID, "schema_name": "step", "payload": {}, "started_at": NOW}
        else:
            details |= {"type": "agent_instance", "agent_version_id": ID, "environment_id": ID, "agent_deployment_id": ID}
        self.answer(details)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()

async def main():
    config = HttpClientConfig(api_url=f"http://127.0.0.1:{server.server_port}", api_token="none")
    client = PrefactorCoreClient(PrefactorCoreConfig(http_config=config))
    await client.initialize()
    schema = {"external_identifier": "1", "span_schemas": {"step": {}}}
    run = await client.create_agent_instance(agent_id=ID, agent_version={"name": "a", "external_identifier": "1"}, agent_schema_version=schema)
    await run.start()
    raised = None
    try:
        async with run.span("step") as span:
            await span.start({"question": "Which colour?"})
            raise ValueError("no colour")
    except ValueError as error:
        raised = type(error).__name__
    await run.finish()
    await client.close()
    return raised

raised = asyncio.run(main())
(finish,) = [body for path, body in requests if "agent_spans" in path and path.endswith("/finish")]
print(f"the body raised {raised}; the span's finish says: {finish['status']}, result {finish.get('result_payload')}")
assert (raised, finish["status"], finish.get("result_payload")) == ("ValueError", "complete", None), finish
assert not any("no colour" in json.dumps(body) for _, body in requests)
server.shutdown()
PYTHON
