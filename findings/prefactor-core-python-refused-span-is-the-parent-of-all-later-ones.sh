#!/usr/bin/env bash
# What happens: In Prefactor's core package for Python, a span whose start the API refuses stays the current one of its task. Each later span of the
#   task, also one outside of the block that was refused and of its root, names it as its parent, by a temporary id that no server knows.
#   A server that refuses unknown parents loses them all for one bad payload; one that takes them shows a run in pieces. The refused span
#   itself is sent once more when its block ends.
# The wrong guess: A span that could not be started is nobody's parent, and leaving its block restores what was current before.
# Versions: prefactor-core==0.5.3, prefactor-http==0.4.3
# Seen:
#   root: no parent
#   refused: below root, sent 2 times
#   after it, within root: below an id that no answer had
#   after root: below an id that no answer had
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
parents, made = [], set()

class Stub(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {"status": "success", "details": {"token_type": "api"}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        details = {"id": ID, "account_id": ID, "agent_id": ID, "inserted_at": NOW, "updated_at": NOW, "status": "active"}
        if "agent_spans" in self.path:
            details |= {"type": "agent_span", "agent_instance_id": ID, "schema_name": "step", "payload": {}, "started_at": NOW}
        else:
            details |= {"type": "agent_instance", "agent_version_id": ID, "environment_id": ID, "agent_deployment_id": ID}
        if self.path.endswith("/agent_spans"):
            name = body["details"]["schema_name"]
            parents.append((name, body["details"].get("parent_span_id")))
            if name == "refused":
                return self.answer(422, {"status": "error", "code": "validation_errors", "message": "no", "errors": {}})
            details["id"] = f"span of {name}"
            made.add(details["id"])
        self.answer(200, {"status": "success", "details": details})

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()

async def span(run, name):
    async with run.span(name) as span:
        await span.start({})

async def main():
    config = HttpClientConfig(api_url=f"http://127.0.0.1:{server.server_port}", api_token="none")
    client = PrefactorCoreClient(PrefactorCoreConfig(http_config=config))
    await client.initialize()
    schema = {"external_identifier": "1", "span_schemas": {}}
    run = await client.create_agent_instance(agent_id=ID, agent_version={"name": "a", "external_identifier": "1"}, agent_schema_version=schema)
    await run.start()
    async with run.span("root") as root:
        await root.start({})
        try:
            await span(run, "refused")
        except Exception:
            pass
        await span(run, "within")
    await span(run, "after")
    await run.finish()
    await client.close()

asyncio.run(main())
server.shutdown()
first = dict(parents)
print(f"root: {'no parent' if first['root'] is None else first['root']}")
sent = [parent for name, parent in parents if name == "refused"]
print(f"refused: below {sent[0].removeprefix('span of ')}, sent {len(sent)} times")
for name, where in (("within", "after it, within root"), ("after", "after root")):
    print(f"{where}: below {'an id that no answer had' if first[name] not in made | {None} else first[name]}")
assert first["root"] is None and sent == ["span of root"] * 2, parents
assert first["within"] is not None and first["within"] not in made and first["within"] == first["after"], parents
PYTHON
