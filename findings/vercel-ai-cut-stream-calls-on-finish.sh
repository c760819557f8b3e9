#!/usr/bin/env bash
# What happens: streamText takes an answer that ends after half of its text, without finish reason and without [DONE], for
#   finished: onFinish is called, onError and onAbort are not, and the finish reason is "other", as for any reason that the
#   library has no name for. Both OpenAI models do so, also the one on the Responses API, whose protocol names its end.
# The wrong guess: A stream without its end event is an error, or at least not onFinish.
# Versions: npm ai@6.0.326, @ai-sdk/openai@3.0.141
# Seen:
#   chat: text Hel, reason other, called finish
#   responses: text Hel, reason other, called finish
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent ai@6.0.326 @ai-sdk/openai@3.0.141
cat >run.mjs <<'JS'
import assert from 'node:assert';
import http from 'node:http';
import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';

const responses = [
  { type: 'response.created', response: { id: 'r', object: 'response', created_at: 1, status: 'in_progress', model: 'm', output: [] } },
  { type: 'response.output_item.added', output_index: 0, item: { type: 'message', id: 'i', status: 'in_progress', role: 'assistant', content: [] } },
  { type: 'response.output_text.delta', item_id: 'i', output_index: 0, content_index: 0, delta: 'Hel', logprobs: [] },
];
const chat = [{ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm',
  choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }] }];
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end((request.url.includes('responses') ? responses : chat).map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const openai = createOpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}/v1` });
for (const [name, model] of [['chat', openai.chat('m')], ['responses', openai.responses('m')]]) {
  const called = [];
  const result = streamText({ model, prompt: 'x', onFinish: () => called.push('finish'), onError: () => called.push('error'),
    onAbort: () => called.push('abort') });
  let text = '';
  for await (const part of result.textStream) text += part;
  const reason = await result.finishReason;
  console.log(`${name}: text ${text}, reason ${reason}, called ${called}`);
  assert.deepEqual([text, reason, called], ['Hel', 'other', ['finish']]);
}
server.close();
JS
node run.mjs
