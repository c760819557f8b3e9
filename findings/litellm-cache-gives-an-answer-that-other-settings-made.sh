#!/usr/bin/env bash
# What happens: The key of LiteLLM's cache is made of OpenAI's parameters. What a server has beyond them, in `extra_body` or by its name, is sent and is
#   not in the key: a request with another list of choices gets the answer of the first one, and no request is made.
#   A question that is to be answered with a digit is answered with a word, and a test of such settings compares one answer with itself. Only
#   a switch, off unless a program sets it (enable_caching_on_provider_specific_optional_params), puts them into the key.
# The wrong guess: Two requests whose bodies differ are two entries of the cache.
# Versions: litellm==1.110.2, fastapi==0.165.0, orjson==3.11.4, soundfile==0.14.0 (a hit imports the last three, and fails without them)
# Seen:
#   temperature: answer 1, answer 2; requests: 2
#   extra_body: answer 1, answer 1; requests: 1
#   by name: answer 1, answer 1; requests: 1
#   by name, with the switch: answer 1, answer 2; requests: 2
#   extra_body, with the switch: answer 1, answer 2; requests: 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    litellm==1.110.2 fastapi==0.165.0 orjson==3.11.4 soundfile==0.14.0
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, threading
import litellm
from litellm.caching.caching import Cache

class Server(http.server.BaseHTTPRequestHandler):
    requests = []
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.requests.append({key: value for key, value in request.items() if key not in ("model", "messages")})
        message = {"role": "assistant", "content": f"answer {len(self.requests)}"}
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m",
                           "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                           "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()

def ask(**settings):
    answer = litellm.completion(
        model="hosted_vllm/m", api_base=f"http://127.0.0.1:{server.server_port}", api_key="none", caching=True,
        messages=[{"role": "user", "content": "How was it?"}], **settings)
    return answer.choices[0].message.content

def answers(*settings):
    litellm.cache, Server.requests[:] = Cache(), []
    return [ask(**each) for each in settings], len(Server.requests)

words, digits = {"guided_choice": ["good", "bad"]}, {"guided_choice": ["1", "2", "3"]}
seen = {
    "temperature": answers({"temperature": 0.1}, {"temperature": 0.9}),
    "extra_body": answers({"extra_body": words}, {"extra_body": digits}),
    "by name": answers(words, digits),
}
litellm.enable_caching_on_provider_specific_optional_params = True
seen["by name, with the switch"] = answers(words, digits)
seen["extra_body, with the switch"] = answers({"extra_body": words}, {"extra_body": digits})
for name, (texts, requests) in seen.items():
    print(f"{name}: {', '.join(texts)}; requests: {requests}")
one, two = (["answer 1", "answer 1"], 1), (["answer 1", "answer 2"], 2)
assert list(seen.values()) == [two, one, one, two, two]
PYTHON
