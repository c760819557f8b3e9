#!/usr/bin/env bash
# What happens: An answer whose stream ends in an orderly way after half of the text, as a restarted proxy ends it, is an
#   ordinary message for some official clients and an error for others, and for each API the clients of one company
#   for Python and for JavaScript do the opposite of each other.
# The wrong guess: Clients of one company, generated from one description, tell a cut answer alike.
# Versions: PyPI openai==3.57.0, anthropic==2.14.0; npm openai@6.49.0, @anthropic-ai/sdk@1.14.0
# Seen:
#   Python anthropic messages: message, stop reason None
#   Python openai chat: message, finish reason None
#   Python openai responses: RuntimeError Didn't receive a `response.completed` event.
#   JavaScript anthropic messages: AnthropicError stream ended without producing a Message with role=assistant
#   JavaScript openai chat: OpenAIError missing finish_reason for choice 0
#   JavaScript openai responses: response, status in_progress
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-0}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai==3.57.0 anthropic==2.14.0
npm init --yes >/dev/null
npm install --silent openai@6.49.0 @anthropic-ai/sdk@1.14.0

cat >server.mjs <<'JS'
import http from 'node:http';
const text = (events) => events.map(([name, data]) => (name ? `event: ${name}\n` : '') + `data: ${JSON.stringify(data)}\n\n`).join('');
const messages = [
  ['message_start', { type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', model: 'claude', content: [],
    stop_reason: null, stop_sequence: null, usage: { input_tokens: 10, output_tokens: 1 } } }],
  ['content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }],
  ['content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hel' } }],
];
const responses = [
  { type: 'response.created', response: { id: 'r', object: 'response', created_at: 1, status: 'in_progress', model: 'm', output: [],
    parallel_tool_calls: true, tool_choice: 'auto', tools: [] } },
  { type: 'response.output_item.added', output_index: 0,
    item: { type: 'message', id: 'i', status: 'in_progress', role: 'assistant', content: [] } },
  { type: 'response.content_part.added', item_id: 'i', output_index: 0, content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] } },
  { type: 'response.output_text.delta', item_id: 'i', output_index: 0, content_index: 0, delta: 'Hel', logprobs: [] },
].map((event, number) => [event.type, { ...event, sequence_number: number }]);
const chat = [[null, { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm',
  choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }] }]];
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(text(request.url.includes('messages') ? messages : request.url.includes('responses') ? responses : chat));
  });
}).listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
JS

cat >client.py <<'PYTHON'
import sys
import anthropic, openai

url, ask = sys.argv[1], [{"role": "user", "content": "x"}]
first = anthropic.Anthropic(api_key="none", base_url=url)
second = openai.OpenAI(api_key="none", base_url=url + "/v1")

def messages():
    with first.messages.stream(model="claude", max_tokens=9, messages=ask) as stream:
        return f"message, stop reason {stream.get_final_message().stop_reason}"

def chat():
    with second.chat.completions.stream(model="m", messages=ask) as stream:
        return f"message, finish reason {stream.get_final_completion().choices[0].finish_reason}"

def responses():
    with second.responses.stream(model="m", input="x") as stream:
        return f"response, status {stream.get_final_response().status}"

for name, call in (("anthropic messages", messages), ("openai chat", chat), ("openai responses", responses)):
    try:
        told = call()
    except Exception as error:
        told = f"{type(error).__name__} {error}"
    print(f"Python {name}: {told}")
PYTHON

cat >client.mjs <<'JS'
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
const url = process.argv[2], messages = [{ role: 'user', content: 'x' }];
const first = new Anthropic({ apiKey: 'none', baseURL: url }), second = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1` });
const calls = {
  'anthropic messages': async () =>
    `message, stop reason ${(await first.messages.stream({ model: 'claude', max_tokens: 9, messages }).finalMessage()).stop_reason}`,
  'openai chat': async () =>
    `message, finish reason ${(await second.chat.completions.stream({ model: 'm', messages }).finalChatCompletion()).choices[0].finish_reason}`,
  'openai responses': async () => `response, status ${(await second.responses.stream({ model: 'm', input: 'x' }).finalResponse()).status}`,
};
for (const [name, call] of Object.entries(calls)) {
  const told = await call().catch((error) => `${error.constructor.name} ${error.message}`);
  console.log(`JavaScript ${name}: ${told}`);
}
JS

node server.mjs >address &
server=$!
until [[ -s address ]]; do sleep 0.1; done
{ venv/bin/python client.py "$(cat address)"; node client.mjs "$(cat address)"; } | tee seen
diff - seen <<'SEEN'
Python anthropic messages: message, stop reason None
Python openai chat: message, finish reason None
Python openai responses: RuntimeError Didn't receive a `response.completed` event.
JavaScript anthropic messages: AnthropicError stream ended without producing a Message with role=assistant
JavaScript openai chat: OpenAIError missing finish_reason for choice 0
JavaScript openai responses: response, status in_progress
SEEN
