#!/usr/bin/env bash
# What happens: An answer without text, as one has that spent its tokens on thought or was stopped by a filter, raises nothing in a chat of Google's
#   client. The next request leaves out not only that answer: the question is gone too, so that the model is asked for a cake without the nuts
#   that the user may not eat. Where a tool had run before, its result is left out while the call of it stays. get_history() shows all turns,
#   so a record that is made of it is not what the model was asked.
# The wrong guess: The next request has all that the user said; what failed is the answer.
# Versions: google-genai==3.6.1
# Seen:
#   text: the last request has ['My name is Ann.', 'Hello Ann.', 'Suggest a cake.'], the history 6 turns
#   tool: the last request has ['Book room 7.', 'functionCall', 'Did it work?'], the history 6 turns
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check google-genai==3.6.1
"$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, threading
from google import genai

class Server(http.server.BaseHTTPRequestHandler):
    requests, answers = [], []
    def do_POST(self):
        self.requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        body = json.dumps(self.answers.pop(0)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = genai.Client(api_key="none", http_options={"base_url": f"http://127.0.0.1:{server.server_port}"})

def answer(*parts, reason="STOP"):
    return {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason}]}

EMPTY = {"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}]}

def book(room: str) -> str:
    """Books a room."""
    return "booked"

def last_request(questions, answers):
    Server.answers[:] = answers
    chat = client.chats.create(model="gemini-2.5-flash", config={"tools": [book]})
    for question in questions:
        chat.send_message(question)
    parts = [part for content in Server.requests[-1]["contents"] for part in content["parts"]]
    return [part["text"] if "text" in part else next(iter(part)) for part in parts], len(chat.get_history())

plain = last_request(
    ["My name is Ann.", "I may not eat nuts.", "Suggest a cake."],
    [answer({"text": "Hello Ann."}), EMPTY, answer({"text": "A nut cake."})])
tool = last_request(
    ["Book room 7.", "Did it work?"],
    [answer({"functionCall": {"name": "book", "args": {"room": "7"}}}), EMPTY, answer({"text": "Let me see."})])
for name, (texts, turns) in {"text": plain, "tool": tool}.items():
    print(f"{name}: the last request has {texts}, the history {turns} turns")
assert plain == (["My name is Ann.", "Hello Ann.", "Suggest a cake."], 6)
assert tool == (["Book room 7.", "functionCall", "Did it work?"], 6)
PYTHON
