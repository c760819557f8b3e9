#!/usr/bin/env bash
# What happens: The callback handler records no span of a synchronous tool that is called by ainvoke. LangChain runs such
#   a tool, and its callbacks, on another thread, and there the handler drives aiohttp outside of a task. The tool's
#   answer is not affected; a log line is all that tells of the loss.
# The wrong guess: A handler that records asynchronous tools records synchronous ones of the same agent as well.
# Versions: prefactor-langchain==0.3.0, prefactor-core==0.5.3, langchain==1.5.0
# Seen:
#   Failed to start langchain:tool span: Timeout context manager should be used inside a task
#   spans of: ['coroutine']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    prefactor-langchain==0.3.0 prefactor-core==0.5.3 langchain==1.5.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, http.server, json, logging, threading

from langchain_core.tools import tool
from prefactor_core import PrefactorCoreConfig, SchemaRegistry
from prefactor_http import HttpClientConfig
from prefactor_langchain import PrefactorCallbackHandler, register_langchain_schemas

NOW = "2026-01-31T12:00:00.000000Z"
spans = []

class Stub(http.server.BaseHTTPRequestHandler):
    """Answers as the API does: a run for what is about runs, a span for what is about spans."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        if self.path.endswith("/agent_spans"):
            spans.append(body["details"]["payload"]["tool_name"])
        if "agent_spans" in self.path:
            details = {"type": "agent_span", "id": f"span-{len(spans)}", "agent_instance_id": "run", "schema_name": "s", "status": "active", "payload": {}}
        else:
            ids = {name: "x" for name in ("account_id", "agent_id", "agent_version_id", "environment_id", "agent_deployment_id")}
            details = {"type": "agent_instance", "id": "run", "status": "active", "inserted_at": NOW, "updated_at": NOW, **ids}
        text = json.dumps({"status": "success", "details": details}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()

@tool
def plain(n: int) -> int:
    """A synchronous tool."""
    return n

@tool
async def coroutine(n: int) -> int:
    """An asynchronous tool."""
    return n

async def main():
    registry = SchemaRegistry()
    register_langchain_schemas(registry)
    http_config = HttpClientConfig(api_url=f"http://127.0.0.1:{server.server_port}", api_token="t", max_retries=0)
    client = PrefactorCallbackHandler.create_client(PrefactorCoreConfig(http_config=http_config, schema_registry=registry))
    await client.initialize()
    instance = await client.create_agent_instance({"name": "a", "external_identifier": "1"})
    await instance.start()
    handler = PrefactorCallbackHandler(instance=instance)
    for either in (coroutine, plain):
        assert await either.ainvoke({"n": 1}, config={"callbacks": [handler]}) == 1
    await instance.finish()
    await client.close()

logging.basicConfig(format="%(message)s", level=logging.ERROR)
# The traceback is long and says the same.
logging.Formatter.formatException = lambda *_: ""
asyncio.run(main())
print("spans of:", spans)
assert spans == ["coroutine"]
PYTHON
