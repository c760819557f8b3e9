#!/usr/bin/env bash
# What happens: In Prefactor's core package for Python, whose operations go through a queue, the start of a span does not: it waits for the API's
#   answer. Three empty spans take three times the server's delay, and a span that the API refuses raises in the agent, before the body goes
#   on. At the end of the block the refused span is sent again.
# The wrong guess: A queue-based SDK never waits for the network in the agent's code, and a refused span is logged.
# Versions: prefactor-core==0.5.3, prefactor-http==0.4.3, aiohttp==3.14.5
# Seen:
#   server delay 0.2 s: three spans take 0.6 s or more: True
#   refused span: PrefactorValidationError in the agent, body went on: False
#   requests to create the refused span: 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    prefactor-core==0.5.3 prefactor-http==0.4.3 aiohttp==3.14.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, logging, time
from aiohttp import web
from prefactor_core import PrefactorCoreClient, PrefactorCoreConfig
from prefactor_http.config import HttpClientConfig
from prefactor_http.exceptions import PrefactorValidationError

logging.disable(logging.CRITICAL)
NOW = "2026-01-01T00:00:00Z"
IDS = ("account_id", "agent_id", "environment_id", "agent_version_id", "agent_deployment_id", "agent_schema_version_id", "agent_instance_id")
OBJECT = dict.fromkeys(IDS, "id") | {"status": "active", "inserted_at": NOW, "updated_at": NOW, "started_at": None, "finished_at": None}


async def serve(delay, refuses):
    requests = []

    async def answer(request):
        requests.append({"agent_spans": "create"}.get(request.path.rsplit("/", 1)[1], request.path.rsplit("/", 1)[1]))
        if request.path.endswith("/agent_spans"):
            await asyncio.sleep(delay)
            if refuses:
                return web.json_response({"status": "error", "code": "validation_errors", "message": "no"}, status=422)
        if "/agent_spans" in request.path:
            details = OBJECT | {"type": "agent_span", "id": "span", "schema_name": "agent:step", "payload": {}}
        else:
            details = OBJECT | {"type": "agent_instance", "id": "run", "termination_reason": None, "span_counts": None}
        return web.json_response({"status": "success", "details": details})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}", requests


async def agent(delay, refuses, spans):
    runner, url, requests = await serve(delay, refuses)
    client = PrefactorCoreClient(PrefactorCoreConfig(http_config=HttpClientConfig(api_url=url, api_token="token")))
    await client.initialize()
    version = {"name": "agent", "external_identifier": "1"}
    schemas = {"external_identifier": "1", "span_schemas": {}}
    run = await client.create_agent_instance(agent_id="agent", agent_version=version, agent_schema_version=schemas)
    await run.start()
    begin, went_on, raised = time.monotonic(), False, None
    try:
        for _ in range(spans):
            async with run.span("agent:step") as span:
                await span.start({})
                went_on = True
                await span.complete({})
    except PrefactorValidationError as error:
        raised = type(error).__name__
    took = time.monotonic() - begin
    await run.finish()
    await client.close()
    await runner.cleanup()
    return took, went_on, raised, [request for request in requests if request != "ping"]


took, _, raised, _ = asyncio.run(agent(0.2, False, 3))
print(f"server delay 0.2 s: three spans take 0.6 s or more: {took >= 0.6}")
assert took >= 0.6 and raised is None
_, went_on, raised, requests = asyncio.run(agent(0, True, 1))
print(f"refused span: {raised} in the agent, body went on: {went_on}")
print(f"requests to create the refused span: {requests.count('create')}")
assert raised == "PrefactorValidationError" and not went_on
assert requests.count("create") == 2
PYTHON
