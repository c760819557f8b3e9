"""A peer on OpenTelemetry, with the propagators that it has by default. Prints one line of JSON.

    peer.py call URL        calls a service within a span, with baggage
    peer.py read < HEADERS  starts a span under the caller that the headers (a JSON object) name
"""

import json
import sys
import urllib.request

from opentelemetry import baggage, context, trace
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.trace import TracerProvider

VALUES = ["New York", "1+1", "100%", "a,b;c=d", "\u00e9\u6f22"]

trace.set_tracer_provider(TracerProvider())
tracer = trace.get_tracer("peer")


def ids(span_context):
    return {"trace_id": f"{span_context.trace_id:032x}", "span_id": f"{span_context.span_id:016x}"}


def call(url):
    with tracer.start_as_current_span("call") as span:
        within = context.get_current()
        for number, value in enumerate(VALUES):
            within = baggage.set_baggage(f"key{number}", value, within)
        headers = {}
        inject(headers, within)
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            answer.read()
        return ids(span.get_span_context())


def read(headers):
    within = extract(headers)
    with tracer.start_as_current_span("read", within) as span:
        return {
            "trace_id": ids(span.get_span_context())["trace_id"],
            "parent": ids(span.parent)["span_id"],
            "is_sampled": span.parent.trace_flags.sampled,
            "state": dict(span.parent.trace_state),
            "baggage": dict(baggage.get_all(within)),
        }


print(json.dumps(call(sys.argv[2]) if sys.argv[1] == "call" else read(json.load(sys.stdin))))
