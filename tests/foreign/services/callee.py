"""A service with OpenTelemetry: continues the trace of the headers in its input, and prints what it has and would send.

With the argument `environment` it is a child process, and the headers are in its environment.
"""

import json
import os
import sys

from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.trace import TracerProvider

if sys.argv[1:] == ["environment"]:
    keys = ("TRACEPARENT", "TRACESTATE")
    received = {key.lower(): os.environ[key] for key in keys if key in os.environ}
else:
    received = json.load(sys.stdin)

tracer = TracerProvider().get_tracer("callee")
with tracer.start_as_current_span("answer", context=extract(received)) as span:
    headers: dict[str, str] = {}
    inject(headers)
    context = span.get_span_context()
    parent = span.parent
    print(
        json.dumps(
            {
                "trace_id": format(context.trace_id, "032x"),
                "span_id": format(context.span_id, "016x"),
                "parent_id": parent and format(parent.span_id, "016x"),
                "headers": headers,
            }
        )
    )
