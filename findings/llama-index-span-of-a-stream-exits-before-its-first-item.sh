#!/usr/bin/env bash
# What happens: The span of a streamed model call exits when the generator object has been made, before anything
#   was read. What follows comes as events after the exit, each item as two: the chat call is made of a
#   completion call, and both tell. A reader that leaves gives two ExceptionEvents.
# The wrong guess: The span handler's exit is the end of the call, with the answer as its result; an event is
#   told once.
# Versions: llama-index-core==0.14.25
# Seen:
#   before the first item: exit stream_complete generator, exit stream_chat generator
#   for one item: 2 events
#   left: ExceptionEvent, ExceptionEvent
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    llama-index-core==0.14.25
"$folder/venv/bin/python" - <<'PYTHON'
import logging
logging.disable(logging.CRITICAL)
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.span import BaseSpan
from llama_index.core.instrumentation.span_handlers import BaseSpanHandler
from llama_index.core.llms import ChatMessage
from llama_index.core.llms.mock import MockLLM

exits, events = [], []

class Spans(BaseSpanHandler[BaseSpan]):
    def new_span(self, id_, bound_args, instance=None, parent_span_id=None, tags=None, **_):
        return BaseSpan(id_=id_, parent_id=parent_span_id)
    def prepare_to_exit_span(self, id_, bound_args, instance=None, result=None, **_):
        exits.append(f"exit {id_.split('-')[0].split('.')[1]} {type(result).__name__}")
    def prepare_to_drop_span(self, id_, bound_args, instance=None, err=None, **_):
        exits.append("drop")

class Events(BaseEventHandler):
    def handle(self, event, **_): events.append(event.class_name())

get_dispatcher().add_span_handler(Spans())
get_dispatcher().add_event_handler(Events())
items = MockLLM(max_tokens=3).stream_chat([ChatMessage(content="a b c d")])
print("before the first item:", ", ".join(exits))
assert exits == ["exit stream_complete generator", "exit stream_chat generator"]
events.clear()
next(items)
print(f"for one item: {len(events)} events")
assert events == ["LLMCompletionInProgressEvent", "LLMChatInProgressEvent"]
events.clear()
items.close()
print("left:", ", ".join(events))
assert events == ["ExceptionEvent", "ExceptionEvent"] and len(exits) == 2
PYTHON
