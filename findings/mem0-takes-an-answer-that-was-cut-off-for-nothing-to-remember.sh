#!/usr/bin/env bash
# What happens: mem0 asks a model which facts of a conversation to keep. An answer that ends at the limit of tokens, in the middle of its JSON, counts as
#   one without facts: add() returns an empty list, as after small talk, and not even the facts before the cut are kept. So does an answer that
#   a filter emptied. The call was paid for, no error is raised, and the agent does not know of the nuts in the next conversation.
# The wrong guess: What could not be read is an error, so that the caller can add the messages again; an empty list means that nothing was said.
# Versions: mem0ai==2.2.1, openai==3.57.0
# Seen:
#   small talk: []
#   cut off: []
#   filtered: []
#   whole: ['Ann may not eat nuts', 'Ann lives in Rome']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mem0ai==2.2.1 openai==3.57.0
cd "$folder"
MEM0_DIR=$folder MEM0_TELEMETRY=False "$folder/venv/bin/python" - 2>"$folder/errors.log" <<'PYTHON' || { cat "$folder/errors.log"; exit 1; }
import http.server, json, threading
from mem0 import Memory

class Server(http.server.BaseHTTPRequestHandler):
    answer, reason = None, None
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path.endswith("/embeddings"):
            texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
            answer = {"object": "list", "data": [{"object": "embedding", "index": i, "embedding": [1.0, 0.0]} for i in range(len(texts))]}
        else:
            message = {"role": "assistant", "content": self.answer}
            answer = {"id": "1", "choices": [{"index": 0, "finish_reason": self.reason, "message": message}]}
        body = json.dumps({"model": "m", **answer}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = {"openai_base_url": f"http://127.0.0.1:{server.server_port}", "api_key": "none"}
memory = Memory.from_config({
    "llm": {"provider": "openai", "config": {"model": "gpt-4o", **client}},
    "embedder": {"provider": "openai", "config": {"embedding_dims": 2, **client}},
    "vector_store": {"provider": "qdrant", "config": {"path": "store", "embedding_model_dims": 2}},
    "history_db_path": "history.db",
})
FACTS = '{"memory": [{"id": "0", "text": "Ann may not eat nuts"}, {"id": "1", "text": "Ann lives in Rome"}]}'

def added(answer, reason):
    Server.answer, Server.reason = answer, reason
    return [result["memory"] for result in memory.add("I may not eat nuts, and I live in Rome.", user_id="ann")["results"]]

seen = {
    "small talk": added('{"memory": []}', "stop"),
    "cut off": added(FACTS[:-20], "length"),
    "filtered": added(None, "content_filter"),
    "whole": added(FACTS, "stop"),
}
for name, facts in seen.items():
    print(f"{name}: {facts}")
assert seen["small talk"] == seen["cut off"] == seen["filtered"] == []
assert seen["whole"] == ["Ann may not eat nuts", "Ann lives in Rome"]
PYTHON
