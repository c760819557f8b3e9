#!/usr/bin/env bash
# What happens: HttpClientConfig of Prefactor's HTTP package for Python takes `retry_on_status_codes` and goes by other rules: a 503 is sent again
#   whatever the setting names, also where it is empty, and a 408 that it names is not. Somebody who switches
#   retries off for a span's start, which the agent waits for, waits for them all the same.
# The wrong guess: The statuses in the setting are those that are retried.
# Versions: prefactor-http==0.4.3
# Seen:
#   503, setting (): 3 request(s)
#   503, setting (429,): 3 request(s)
#   408, setting (408,): 1 request(s)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefactor-http==0.4.3
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, http.server, threading
from prefactor_http import HttpClientConfig, PrefactorHttpClient

status, requests = 200, 0

class Stub(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global requests
        requests += 1
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"status":"error","code":"unavailable","message":"later"}'
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()

async def finish(codes):
    url = f"http://127.0.0.1:{server.server_port}"
    config = HttpClientConfig(api_url=url, api_token="none", max_retries=2, initial_retry_delay=0.01, retry_on_status_codes=codes)
    async with PrefactorHttpClient(config) as client:
        try:
            await client.agent_instances.finish("run")
        except Exception as error:
            return type(error).__name__

for status, codes, expected in ((503, (), 3), (503, (429,), 3), (408, (408,), 1)):
    requests = 0
    assert asyncio.run(finish(codes)) is not None
    print(f"{status}, setting {codes}: {requests} request(s)")
    assert requests == expected, requests
server.shutdown()
PYTHON
