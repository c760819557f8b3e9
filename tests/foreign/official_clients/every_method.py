"""Every public method of the official Python packages, called once; prints what they gave as one line of JSON.

The scenario is the only argument. PREFACTOR_API_URL and PREFACTOR_API_TOKEN say where to report to.
"""

import asyncio
import importlib
import inspect
import json
import logging
import os
import pkgutil
import sys
import threading
import time
from datetime import datetime

from prefactor_core import PrefactorCoreClient, PrefactorCoreConfig, PrefactorTerminatedError, SchemaRegistry, SpanContextStack
from prefactor_http import (
    BulkItem,
    BulkRequest,
    HttpClientConfig,
    PrefactorApiError,
    PrefactorHttpClient,
    PrefactorNotFoundError,
    PrefactorValidationError,
)
from prefactor_http.models.agent import AgentForCreate, AgentForUpdate

URL = os.environ["PREFACTOR_API_URL"]
TOKEN = os.environ["PREFACTOR_API_TOKEN"]

VERSION = {"name": "every method", "external_identifier": "1", "description": "calls everything"}
SCHEMA = {
    "external_identifier": "s-1",
    "span_type_schemas": [
        {"name": "every:step", "params_schema": {"type": "object"}, "template": "{{ question }} -> {{ answer }}"}
    ],
    "quality_schemas": [{"name": "accuracy", "schema": {"type": "object"}, "template": "{{ score }} of 5"}],
}


class Complaints(logging.Handler):
    """Collects what the packages warn of: they drop in the background and tell nobody else."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.name}: {record.getMessage()}")


class Witness:
    """Sees which functions of a package are called, and tells which of its public methods were not."""

    def __init__(self, package):
        self.package, self.called = package, set()

    def __call__(self, frame, event, argument):
        if event == "call":
            self.called.add(frame.f_code)

    def uncalled(self):
        root = importlib.import_module(self.package)
        names = [self.package, *(info.name for info in pkgutil.walk_packages(root.__path__, self.package + "."))]
        public = [importlib.import_module(name) for name in names if "._" not in name]
        found = []
        for module in public:
            for name, kind in vars(module).items():
                is_own = inspect.isclass(kind) and kind.__module__ == module.__name__ and not name.startswith("_")
                if is_own and not issubclass(kind, Exception):
                    found += [f"{name}.{method}" for method, code in self.methods(kind) if code not in self.called]
        return sorted(found)

    @staticmethod
    def methods(kind):
        for name, value in vars(kind).items():
            value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            value = inspect.unwrap(value) if callable(value) else value
            if inspect.isfunction(value) and not name.startswith("_"):
                yield name, value.__code__


def http_config():
    return HttpClientConfig(api_url=URL, api_token=TOKEN, max_retries=0)


async def refusal(call):
    """The error of a call that the platform refuses as well."""
    try:
        await call
    except PrefactorApiError as error:
        return f"{type(error).__name__} {error.status_code} {error.code}"
    return "no error"


async def http():
    """Each method of prefactor-http, whose models check every answer."""
    async with PrefactorHttpClient(http_config()) as client:
        ping = await client.request("GET", "/api/v1/ping")
        valid = await client.validate_token()
        agents, instances, spans = client.agents, client.agent_instances, client.agent_spans
        agent = await agents.create(
            AgentForCreate(name="helper", description="helps", external_identifier="helper-1"), "key-of-create-1"
        )
        same = await agents.create(
            AgentForCreate(name="helper", description="helps", external_identifier="helper-1"), "key-of-create-1"
        )
        updated = await agents.update(agent.id, AgentForUpdate(name="helper two"), "key-of-update-1")
        fetched = await agents.get(agent.id)
        shown = await agents.show(external_identifier="helper-1", include_counts=True, include_risk_rollup=True)
        listed = await agents.list_agents(sorting="-name", offset=0, page_size=100)
        none = await agents.list_agents(team_id="0" * 32)
        retired = await agents.retire(agent.id)
        reinstated = await agents.reinstate(agent.id, "key-of-reinstate")
        instance = await instances.register(
            VERSION, SCHEMA, agent_id=agent.id, purpose="smoke_test", external_identifier="run-1",
            idempotency_key="key-of-register",
        )
        started = await instances.start(instance.id, datetime(2026, 1, 31, 12), "key-of-start-01")
        # Without a zone, as a program passes what it has.
        root = await spans.create(
            instance.id, "every:step", "active", {"question": "why?"}, started_at=datetime(2026, 1, 31, 12, 0, 1),
            idempotency_key="key-of-span-001",
        )
        child = await spans.create(
            instance.id, "every:step", "complete", {}, {"answer": "so"}, parent_span_id=root.id,
            started_at=datetime(2026, 1, 31, 12, 0, 1), finished_at=datetime(2026, 1, 31, 12, 0, 2),
        )
        finished_span = await spans.finish(root.id, "failed", {"answer": "because"}, datetime(2026, 1, 31, 12, 0, 3))
        finished = await instances.finish(instance.id, "complete", datetime(2026, 1, 31, 12, 0, 4), "key-of-finish-1")
        quality = await instances.record_quality(instance.id, "accuracy", {"score": 4}, "key-of-quality-1")
        cleared = await instances.record_quality(instance.id, "accuracy", None)
        detail = await instances.get(instance.id)
        bulk = await client.bulk.execute(
            BulkRequest(
                items=[
                    BulkItem(_type="agents/show", idempotency_key="bulk-show", agent_id=agent.id),
                    BulkItem(_type="agents/list", idempotency_key="bulk-list"),
                    BulkItem(_type="agents/create", idempotency_key="bulk-create", details={"name": "unused"}),
                    BulkItem(_type="agents/update", idempotency_key="bulk-update", agent_id=agent.id, details={}),
                    BulkItem(_type="environments/list", idempotency_key="bulk-envs"),
                    BulkItem(_type="environments/create", idempotency_key="bulk-env", details={"name": "test"}),
                    BulkItem(
                        _type="agent_instances/register", idempotency_key="bulk-register", agent_version=VERSION,
                        agent_schema_version=SCHEMA, agent_id=agent.id,
                    ),
                    # As the package's own documentation shows it: flat, without a payload.
                    BulkItem(
                        _type="agent_spans/create", idempotency_key="bulk-span-flat", agent_instance_id=instance.id,
                        schema_name="every:step", status="active",
                    ),
                ]
            )
        )
        unused = await agents.create(AgentForCreate(name="unused"))
        deleted = await agents.delete(unused.id)
        refusals = {
            "taken": await refusal(agents.create(AgentForCreate(name="x", external_identifier="helper-1"))),
            "gone": await refusal(agents.get(unused.id)),
            "finished": await refusal(instances.finish(instance.id)),
            "finished span": await refusal(spans.finish(root.id)),
            "started": await refusal(instances.start(instance.id)),
            "undeclared": await refusal(instances.record_quality(instance.id, "speed", {})),
            "runs": await refusal(agents.delete(agent.id)),
        }
    return {
        "instance": instance.id,
        "ping": [ping["status"], valid["status"]],
        "same": same.id == agent.id == fetched.id == shown.id,
        "names": [updated.name, fetched.name, shown.name],
        "listed": [row.name for row in listed],
        "none": len(none),
        "statuses": [retired.status, reinstated.status, deleted.status],
        "instances": [instance.status, started.status, finished.status, detail.status],
        "spans": [root.status, child.status, finished_span.status],
        "started_at": started.started_at,
        "parent": child.parent_span_id == root.id,
        "quality": [quality.quality_payloads, quality.quality_summaries, cleared.quality_payloads],
        "counts": detail.span_counts.model_dump(),
        "bulk": {key: output.status for key, output in bulk.outputs.items()},
        "refusals": refusals,
    }


def registry():
    """Each way to register."""
    registry = SchemaRegistry()
    registry.register_type(
        name="every:step", params_schema={"type": "object"}, result_schema={"type": "object"}, title="STEP",
        description="A step", template="{{ question }}",
        data_risk={"action_profile": {"read_data": "allowed"}, "params_data_categories": {}, "result_data_categories": {}},
    )
    registry.register("every:old", {"type": "object"})
    registry.register_result("every:old", {"type": "object"})
    registry.register_unsafe("every:old", {"type": "object"})
    registry.register_quality_schema("accuracy", {"type": "object"}, template="{{ score }}")
    other = SchemaRegistry()
    other.register("every:other", {"type": "object"})
    registry.merge(other)
    assert registry.has_schema("every:other") and registry.get("every:other") == {"type": "object"}
    assert "every:other" in registry.list_schemas()
    return registry


async def core():
    """The lifecycle of prefactor-core, and runs so short that its three workers race."""
    config = PrefactorCoreConfig(http_config=http_config(), schema_registry=registry())
    short = []
    async with PrefactorCoreClient(config) as client:
        instance = await client.create_agent_instance(VERSION, external_identifier="core-1", purpose="eval")
        await instance.start(datetime(2026, 1, 31, 12))
        by_hand = await client.create_span(instance.id, "every:old", payload={"n": 0})
        await client.finish_span(by_hand, {"n": 1}, datetime(2026, 1, 31, 12, 0, 1))
        async with instance.span("every:step") as span:
            await span.start({"question": "which result?"})
            assert SpanContextStack.depth() == 1 and SpanContextStack.pop() == span.id
            assert SpanContextStack.is_empty()
            SpanContextStack.push(span.id)
            span.set_result({"answer": "this one"})
            await span.finish()
        async with instance.span("every:step", payload={"question": "why?"}) as span:
            await span.start({"question": "why?"}, started_at=datetime(2026, 1, 31, 12, 0, 1))
            open_span = await instance.create_span("every:old", payload={"n": 1})
            await instance.finish_span(open_span, {"n": 2}, datetime(2026, 1, 31, 12, 0, 2))
            await client.record_quality(instance.id, "accuracy", {"score": 1})
            await span.complete({"answer": "so"}, timestamp=datetime(2026, 1, 31, 12, 0, 3))
        async with client.span(instance.id, "every:step") as span:
            await span.cancel()
        async with instance.span("every:step") as span:
            await span.fail({"error": {"error_type": "E", "message": "m"}})
        await instance.finish("failed", datetime(2026, 1, 31, 12, 0, 4))
        await instance.record_quality("accuracy", {"score": 5})
        by_id = await client.create_agent_instance(VERSION)
        await client.instance_manager.start(by_id.id)
        await client.instance_manager.finish(by_id.id, "cancelled")
        for _ in range(30):
            run = await client.create_agent_instance(VERSION)
            await run.start()
            await run.finish()
            short.append(run.id)
    async with PrefactorHttpClient(http_config()) as http:
        seen = await http.agent_instances.get(instance.id)
        by_id = await http.agent_instances.get(by_id.id)
        ends = {(await http.agent_instances.get(run)).status for run in short}
    return {"instance": instance.id, "seen": seen.model_dump(mode="json"), "by_id": by_id.status, "short": sorted(ends)}


async def langchain():
    """An agent with a tool under the middleware, and a graph under the callback handler."""
    from langchain.agents import create_agent
    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage, ToolCall
    from langchain_core.tools import tool
    from langgraph.graph import END, START, MessagesState, StateGraph
    from prefactor_langchain import PrefactorCallbackHandler, PrefactorMiddleware, register_langchain_schemas

    class Model(GenericFakeChatModel):
        def bind_tools(self, tools, **options):
            return self

    def model():
        call = ToolCall(name="add", args={"a": 2, "b": 3}, id="call-1")
        usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
        return Model(
            messages=iter(
                [AIMessage("", tool_calls=[call], usage_metadata=usage), AIMessage("It is 5.", usage_metadata=usage)]
            )
        )

    @tool
    def add(a: int, b: int) -> int:
        """Adds two numbers."""
        return a + b

    question = {"messages": [("user", "What is 2 + 3?")]}
    middleware = PrefactorMiddleware.from_config(
        api_url=URL, api_token=TOKEN, agent_name="calculator",
        tool_schemas={"add": {"span_type": "add", "input_schema": {"type": "object"}}},
    )
    answer = await create_agent(model(), [add], middleware=[middleware]).ainvoke(question)
    flat = (await middleware.ensure_initialized()).id
    await middleware.close()

    schemas = SchemaRegistry()
    types = register_langchain_schemas(schemas)
    client = PrefactorCallbackHandler.create_client(
        PrefactorCoreConfig(http_config=http_config(), schema_registry=schemas)
    )
    await client.initialize()
    instance = await client.create_agent_instance({"name": "graph", "external_identifier": "1"})
    await instance.start()
    chat = model()
    graph = StateGraph(MessagesState)

    async def ask(state):
        return {"messages": [await chat.ainvoke(state["messages"])]}

    async def fail(state):
        raise ValueError("no way on")

    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", END)
    handler = PrefactorCallbackHandler(instance=instance, tool_span_types=types)
    await graph.compile().ainvoke(question, config={"callbacks": [handler]})
    await instance.finish()

    # What fails is told as well, and a tool that is called outside of any graph.
    failing = await client.create_agent_instance({"name": "failing graph", "external_identifier": "1"})
    await failing.start()
    callbacks = {"callbacks": [PrefactorCallbackHandler(instance=failing, tool_span_types=types)]}

    class Broken(Model):
        def _generate(self, *arguments, **options):
            raise ConnectionError("the model is gone")

    @tool
    async def multiply(a: int, b: int) -> int:
        """Multiplies two numbers."""
        return a * b

    @tool
    async def divide(a: int, b: int) -> float:
        """Divides two numbers."""
        return a / b

    broken = StateGraph(MessagesState)
    broken.add_node("fail", fail)
    broken.add_edge(START, "fail")
    broken.add_edge("fail", END)
    await multiply.ainvoke({"a": 2, "b": 3}, config=callbacks)
    for call in (
        divide.ainvoke({"a": 1, "b": 0}, config=callbacks),
        Broken(messages=iter([])).ainvoke("Hello?", config=callbacks),
        broken.compile().ainvoke(question, config=callbacks),
    ):
        try:
            await call
        except (ValueError, ZeroDivisionError, ConnectionError):
            pass
    await failing.finish("failed")

    # A run that is terminated stops its graph by the answer to one of its spans.
    doomed = await client.create_agent_instance({"name": "doomed graph", "external_identifier": "1"})
    await doomed.start()
    async with PrefactorHttpClient(http_config()) as http:
        while (await http.agent_instances.get(doomed.id)).status != "active":
            pass
        await http.request("POST", f"/api/v1/agent_instance/{doomed.id}/terminate", json_data={"reason": "enough"})
    handler = PrefactorCallbackHandler(instance=doomed, tool_span_types=types)
    stopped, deadline = None, time.monotonic() + 60
    # LangChain warns of each error of a callback, which is the purpose of this one.
    logging.getLogger("langchain_core.callbacks.manager").disabled = True
    while stopped is None and time.monotonic() < deadline:
        chat = model()
        try:
            await graph.compile().ainvoke(question, config={"callbacks": [handler]})
        except PrefactorTerminatedError as error:
            stopped = str(error)
    logging.getLogger("langchain_core.callbacks.manager").disabled = False
    await client.close()

    # The hooks of a synchronous agent, and spans below one of the program's own.
    synchronous = PrefactorMiddleware.from_config(api_url=URL, api_token=TOKEN, agent_name="synchronous")
    alone = (await synchronous.ensure_initialized()).id
    said = await asyncio.to_thread(create_agent(model(), [add], middleware=[synchronous]).invoke, question)
    await synchronous.close()
    shared_client = PrefactorMiddleware.create_client(
        PrefactorCoreConfig(http_config=http_config(), schema_registry=schemas)
    )
    await shared_client.initialize()
    shared = await shared_client.create_agent_instance({"name": "shared", "external_identifier": "1"})
    await shared.start()
    async with shared.span("langchain:agent") as outer:
        await outer.start({"inputs": {}})
        middleware = PrefactorMiddleware(instance=shared)
        middleware.set_parent_span(outer.id)
        await create_agent(model(), [add], middleware=[middleware]).ainvoke(question)
    await shared.finish()
    await shared_client.close()
    return {
        "answers": [answer["messages"][-1].content, said["messages"][-1].content],
        "instance": flat,
        "graph": instance.id,
        "failing": failing.id,
        "synchronous": alone,
        "shared": shared.id,
        "stopped": stopped,
    }


async def main():
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    witness = Witness(f"prefactor_{sys.argv[1]}")
    sys.setprofile(witness)
    threading.setprofile(witness)
    report = await {"http": http, "core": core, "langchain": langchain}[sys.argv[1]]()
    sys.setprofile(None)
    report["uncalled"] = witness.uncalled()
    print(json.dumps({**report, "complaints": complaints.lines}, default=str))


asyncio.run(main())
