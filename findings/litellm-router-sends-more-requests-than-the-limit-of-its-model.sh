#!/usr/bin/env bash
# What happens: `rpm` and `tpm` of a model in LiteLLM's Router are weights, by which it draws among the deployments of one name. As limits they hold nothing
#   back: of `rpm: 2` six requests at once are sent, and so of `tpm: 2000` with a thousand tokens each. With optional_pre_call_checks they are
#   limits, and from then on for every Router of the program, also for one that was not told so.
# The wrong guess: Requests per minute is how many are sent in a minute at most; what one Router was told is a matter of that Router.
# Versions: litellm==1.110.2
# Seen:
#   rpm 2: 6 of 6 requests are sent, errors []
#   tpm 2000: 6 of 6 requests are sent, errors []
#   rpm 2, enforced: 2 of 6 requests are sent, errors ['RateLimitError']
#   rpm 3, after that: 3 of 6 requests are sent, errors ['RateLimitError']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litellm==1.110.2
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, logging, threading
from litellm import Router

logging.disable(logging.CRITICAL)

class Server(http.server.BaseHTTPRequestHandler):
    requests = 0
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        Server.requests += 1
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m",
                           "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}],
                           "usage": {"prompt_tokens": 1000, "completion_tokens": 1, "total_tokens": 1001}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()

def sent(limits, **settings):
    Server.requests = 0
    deployment = {"model": "openai/m", "api_base": f"http://127.0.0.1:{server.server_port}", "api_key": "none", **limits}
    router = Router(model_list=[{"model_name": "m", "litellm_params": deployment}], num_retries=0, **settings)
    errors = set()
    for _ in range(6):
        try:
            router.completion(model="m", messages=[{"role": "user", "content": "hi"}])
        except Exception as error:
            errors.add(type(error).__name__)
    return Server.requests, sorted(errors)

enforced = {"optional_pre_call_checks": ["enforce_model_rate_limits"]}
seen = {
    "rpm 2": sent({"rpm": 2}),
    "tpm 2000": sent({"tpm": 2000}),
    "rpm 2, enforced": sent({"rpm": 2}, **enforced),
    "rpm 3, after that": sent({"rpm": 3}),
}
for name, (requests, errors) in seen.items():
    print(f"{name}: {requests} of 6 requests are sent, errors {errors}")
assert list(seen.values()) == [(6, []), (6, []), (2, ["RateLimitError"]), (3, ["RateLimitError"])]
PYTHON
