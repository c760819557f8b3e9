"""An agent on the official SDK, and what that SDK says it reported, as one line of JSON.

The scenario is the only argument. PREFACTOR_API_URL and PREFACTOR_API_TOKEN say where to report to.
"""

import asyncio
import json
import logging
import os
import sys
import urllib.request

from prefactor_core import PrefactorCoreClient, PrefactorCoreConfig, SchemaRegistry
from prefactor_http.client import PrefactorHttpClient
from prefactor_http.config import HttpClientConfig
from prefactor_http.exceptions import PrefactorAuthError

URL = os.environ["PREFACTOR_API_URL"]
TOKEN = os.environ["PREFACTOR_API_TOKEN"]
REASON = "spent \u201ctoo much\u201d"

# The SDK polls every 30 s as well; what is seen before that came with an answer.
BEFORE_THE_POLL = 20

NAMES = ["run", "llm", "tool", "lookup", "unneeded", "given_up", "unstarted", "detached"]


class Complaints(logging.Handler):
    """Collects what the SDK warns of: it retries and drops in the background and tells nobody else."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def http_config():
    return HttpClientConfig(api_url=URL, api_token=TOKEN, max_retries=0)


def client():
    registry = SchemaRegistry()
    for name in NAMES:
        registry.register_type(name=f"agent:{name}", params_schema={"type": "object"}, title=name.upper())
    return PrefactorCoreClient(PrefactorCoreConfig(http_config=http_config(), schema_registry=registry))


async def registered(client):
    instance = await client.create_agent_instance({"name": "visitor", "external_identifier": "1.2.3"})
    await instance.start()
    return instance


def reported(span_id, name, parent, status, payload, result):
    fields = {"id": span_id, "schema_name": name, "parent_span_id": parent, "status": status}
    return {**fields, "payload": payload, "result_payload": result}


async def every_end(instance):
    """Spans that end in each way that the SDK has, three deep; reported in the order of their start."""
    question = {"question": "wie gro\u00df?", "nested": {"list": [1, 2.5, None, True]}, "count": 2**53 + 1}
    text = {"tokens": 42, "text": "\U0001f980"}
    error = {"error": {"error_type": "KeyError", "message": "'key'"}}
    async with instance.span("agent:run") as run:
        await run.start(question)
        async with instance.span("agent:llm") as llm:
            await llm.start({"model": "m"})
            llm.set_result({"tokens": 1})
            await llm.complete(text)
        async with instance.span("agent:tool") as tool:
            await tool.start({})
            async with instance.span("agent:lookup", payload={"by": "default"}) as lookup:
                lookup.set_result({"found": False})
            await tool.fail(error)
        async with instance.span("agent:unneeded") as unneeded:
            await unneeded.cancel()
        async with instance.span("agent:given_up") as given_up:
            await given_up.start({"url": "/slow"})
            await given_up.cancel()
        async with instance.span("agent:unstarted") as unstarted:
            pass
        detached = await instance.create_span("agent:detached", parent_span_id=llm.id, payload={"a": 1})
        await instance.finish_span(detached, result_payload={"b": 2})
        await run.complete({"answer": 1})
    return [
        reported(run.id, "agent:run", None, "complete", question, {"answer": 1}),
        reported(llm.id, "agent:llm", run.id, "complete", {"model": "m"}, text),
        reported(tool.id, "agent:tool", run.id, "failed", {}, error),
        reported(lookup.id, "agent:lookup", tool.id, "complete", {"by": "default"}, {"found": False}),
        # The SDK keeps the id of a span that never started to itself.
        reported(None, "agent:unneeded", run.id, "cancelled", {}, None),
        reported(given_up.id, "agent:given_up", run.id, "cancelled", {"url": "/slow"}, None),
        reported(unstarted.id, "agent:unstarted", run.id, "complete", {}, None),
        reported(detached, "agent:detached", llm.id, "complete", {"a": 1}, {"b": 2}),
    ]


async def lifecycle():
    async with client() as sdk:
        instance = await registered(sdk)
        spans = await every_end(instance)
        await instance.finish()
    # The SDK's own models are strict about what the server answers.
    async with PrefactorHttpClient(http_config()) as http:
        seen = await http.agent_instances.get(instance.id)
    return {"instance": instance.id, "spans": spans, "seen": seen.model_dump(mode="json")}


def terminate(instance_id):
    """What a person on the platform does; the SDK itself cannot."""
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    address = f"{URL}/api/v1/agent_instance/{instance_id}/terminate"
    body = json.dumps({"reason": REASON}).encode()
    request = urllib.request.Request(address, body, headers, method="POST")
    urllib.request.urlopen(request, timeout=BEFORE_THE_POLL).close()


async def termination():
    async with client() as sdk:
        # Where the SDK's integrations look, too; it has no public name.
        monitor = sdk._termination_monitor
        instance = await registered(sdk)
        async with instance.span("agent:run") as run:
            await run.start({})
            async with instance.span("agent:llm") as llm:
                await llm.start({})
            before = monitor.get_termination_event().is_set()
            await asyncio.to_thread(terminate, instance.id)
        await asyncio.wait_for(monitor.get_termination_event().wait(), BEFORE_THE_POLL)
        reason = monitor.termination_reason
        await instance.finish(status="failed")
    spans = [
        reported(run.id, "agent:run", None, "complete", {}, None),
        reported(llm.id, "agent:llm", run.id, "complete", {}, None),
    ]
    return {"instance": instance.id, "spans": spans, "before": before, "reason": reason}


async def refused():
    try:
        await client().initialize()
    except PrefactorAuthError as error:
        return {"status": error.status_code, "code": error.code}
    return {}


async def main():
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    report = await {"lifecycle": lifecycle, "termination": termination, "refused": refused}[sys.argv[1]]()
    print(json.dumps({**report, "complaints": complaints.lines}))


asyncio.run(main())
