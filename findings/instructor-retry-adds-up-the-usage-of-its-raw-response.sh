#!/usr/bin/env bash
# What happens: After a retry, the raw response that instructor gives back has the tokens of all attempts in its usage, not those
#   that the server sent with it. What records each request from below and the raw response from above counts the first
#   attempt twice.
# The wrong guess: create_with_completion returns the completion as the server sent it.
# Versions: instructor==1.17.0, openai==3.3.0
# Seen:
#   the server said: 100 + 10, then 150 + 10
#   the raw response says: 250 + 20
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    instructor==1.17.0 openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, threading
import instructor, openai, pydantic

answers = [('{"years": "many"}', 100, 10), ('{"years": 7}', 150, 10)]

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        arguments, prompt, completion = answers.pop(0)
        call = {"id": "t", "type": "function", "function": {"name": "Age", "arguments": arguments}}
        body = json.dumps({
            "id": "c", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "finish_reason": "tool_calls",
                         "message": {"role": "assistant", "content": None, "tool_calls": [call]}}],
            "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
        }).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()

class Age(pydantic.BaseModel):
    years: int

client = instructor.from_openai(openai.OpenAI(api_key="none", base_url=f"http://127.0.0.1:{server.server_port}"))
age, raw = client.chat.completions.create_with_completion(
    model="m", messages=[{"role": "user", "content": "How old?"}], response_model=Age, max_retries=3)
print("the server said: 100 + 10, then 150 + 10")
print(f"the raw response says: {raw.usage.prompt_tokens} + {raw.usage.completion_tokens}")
assert age.years == 7 and not answers
assert (raw.usage.prompt_tokens, raw.usage.completion_tokens) == (250, 20)
PYTHON
