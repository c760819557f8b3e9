#!/usr/bin/env bash
# What happens: The A2A SDK reads JSON-RPC bodies into protobuf messages, whose free-form values know one kind of number: a double. An
#   integer in a data part or in metadata is handed to the agent as a float, is 3.0 in the JSON of what is passed on, and above 2^53
#   is another number. Nothing is raised.
# The wrong guess: A2A is JSON, so an order's number arrives digit for digit, as with MCP.
# Versions: a2a-sdk==1.3.0, protobuf==7.36.2
# Seen:
#   sent: {"count": 3, "order": 9007199254740993}
#   the agent reads: {'count': 3.0, 'order': 9007199254740992.0}
#   passed on: {"count": 3.0, "order": 9007199254740992.0}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    a2a-sdk==1.3.0 protobuf==7.36.2
"$folder/venv/bin/python" - <<'PYTHON'
import json
from a2a.types import Message
from google.protobuf import json_format

sent = '{"count": 3, "order": 9007199254740993}'
message = json_format.Parse('{"messageId": "m", "role": "ROLE_USER", "parts": [{"data": %s}]}' % sent, Message())
read = dict(sorted(message.parts[0].data.struct_value.items()))
passed_on = json.dumps(json_format.MessageToDict(message)["parts"][0]["data"], sort_keys=True)
print(f"sent: {sent}")
print(f"the agent reads: {read}")
print(f"passed on: {passed_on}")
assert all(isinstance(value, float) for value in read.values())
assert passed_on == '{"count": 3.0, "order": 9007199254740992.0}'
PYTHON
