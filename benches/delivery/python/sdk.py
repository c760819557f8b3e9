"""The official Python SDK: spans one after another, and what their delivery took.

usage: sdk.py URL SPANS
"""

import asyncio
import sys
import time

from prefactor_core import PrefactorCoreClient, PrefactorCoreConfig, SchemaRegistry
from prefactor_http.config import HttpClientConfig

URL, SPANS = sys.argv[1], int(sys.argv[2])
NAME = "agent:llm_call"
PROSE = (
    'The agent asked: "which of the bridges is open today?"\n'
    "It read the notes, and it found three.\n"
)
TEXT = (PROSE * 3)[:256]


async def call(instance):
    async with instance.span(NAME) as span:
        await span.start({"model": "small", "prompt": TEXT, "temperature": 0.5})
        await span.complete({"text": TEXT})


async def main():
    registry = SchemaRegistry()
    registry.register_type(name=NAME, params_schema={"type": "object"}, title="LLM call")
    http = HttpClientConfig(api_url=URL, api_token="token")
    async with PrefactorCoreClient(PrefactorCoreConfig(http_config=http, schema_registry=registry)) as client:
        instance = await client.create_agent_instance({"name": "bench", "external_identifier": "1"})
        await instance.start()
        await call(instance)
        begin = time.perf_counter()
        for _ in range(SPANS):
            await call(instance)
        made = time.perf_counter()
    end = time.perf_counter()
    print(*(seconds * 1e6 for seconds in (end - made, end - begin)))


asyncio.run(main())
