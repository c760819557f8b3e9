#!/usr/bin/env bash
# What happens: A call that DSPy answers from its cache stands in the history with no usage and with the cost of the call that was once
#   made. The sum over the history is twice what was paid; get_lm_usage, which counts tokens, is right.
# The wrong guess: An entry without tokens costs nothing.
# Versions: dspy==3.4.1, litellm==1.110.2, openai==3.57.0
# Seen:
#   requests: 1
#   entry 1: 110 tokens, cost as of the request: True
#   entry 2: no tokens, cost as of the request: True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    dspy==3.4.1 litellm==1.110.2 openai==3.57.0
cd "$folder"
LITELLM_LOCAL_MODEL_COST_MAP=True DSPY_CACHEDIR="$folder/cache" "$folder/venv/bin/python" - 2>warnings.log <<'PYTHON'
import http.server, json, threading
import dspy

requests = 0

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global requests
        requests += 1
        self.rfile.read(int(self.headers["content-length"]))
        text = "[[ ## answer ## ]]\nBlue\n\n[[ ## completed ## ]]"
        body = json.dumps({
            "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
lm = dspy.LM("openai/gpt-4o", api_base=f"http://127.0.0.1:{server.server_port}", api_key="none")
dspy.configure(lm=lm)
predict = dspy.Predict("question -> answer")
assert [predict(question="Which colour?").answer for _ in range(2)] == ["Blue", "Blue"]
first, second = lm.history
print(f"requests: {requests}")
print(f"entry 1: {first['usage']['total_tokens']} tokens, cost as of the request: {first['cost'] > 0}")
print(f"entry 2: {'tokens' if second['usage'] else 'no tokens'}, cost as of the request: {second['cost'] == first['cost']}")
assert requests == 1 and first["cost"] > 0
assert not second["usage"] and second["cost"] == first["cost"]
PYTHON
