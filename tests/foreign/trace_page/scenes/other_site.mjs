// A page of another site in the same browser asks for what was recorded and tries to end a run: from its own origin, and under a name
// that was rebound to this machine.

import { createServer } from "node:http";

import { register, span } from "../api.mjs";

const { PAGE_URL, TOKEN } = process.env;
const TIMEOUT = 10_000;

export const browserArguments = ["--host-resolver-rules=MAP evil.example 127.0.0.1"];

// Runs in the page of the other site. What it could read, or why it could not.
async function attack({ url, run }) {
  const read = async (path, options) => {
    try {
      const response = await fetch(url + path, options);
      return `${response.type} ${(await response.text()).includes("Who may know?")}`;
    } catch (error) {
      return error.name;
    }
  };
  const loaded = (name, attributes) =>
    new Promise((resolve) => {
      const element = Object.assign(document.createElement(name), attributes);
      element.onload = () => resolve("loaded");
      element.onerror = () => resolve("refused");
      document.body.append(element);
    });
  const end = `/page/runs/${run}/terminate`;
  const body = JSON.stringify({ reason: "evil" });
  const json = { "content-type": "application/json", "prefactor-page": "1" };
  const seen = {
    data: await read("/page/runs"),
    opaque: await read("/page/runs", { mode: "no-cors" }),
    cookies: await read("/page/runs", { credentials: "include" }),
    token: await read("/api/v1/agent_spans", { headers: { authorization: "Bearer any" } }),
    plain: await read(end, { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body }),
    json: await read(end, { method: "POST", headers: json, body }),
    script: await loaded("script", { src: `${url}/page/runs` }),
    image: await loaded("img", { src: `${url}/page/icon.svg` }),
  };
  const events = new EventSource(`${url}/page/events`);
  seen.events = await new Promise((resolve) => {
    events.onopen = () => resolve("open");
    events.onerror = () => resolve("refused");
  });
  events.close();
  const frame = document.createElement("iframe");
  frame.name = "answer";
  const form = Object.assign(document.createElement("form"), { method: "post", enctype: "text/plain", action: url + end, target: "answer" });
  form.append(Object.assign(document.createElement("input"), { name: '{"reason":"', value: 'evil"}' }));
  document.body.append(frame, form);
  await new Promise((resolve) => {
    frame.onload = resolve;
    form.submit();
  });
  return seen;
}

// Puts our page into a frame of the other site's, and waits for whatever is shown there.
async function framed(url) {
  const frame = Object.assign(document.createElement("iframe"), { title: "framed", src: url });
  await new Promise((resolve) => {
    frame.onload = resolve;
    document.body.append(frame);
  });
}

// Runs under the rebound name, at which the browser takes the server for the other site itself.
async function rebound(run) {
  const ask = async (path, options) => (await fetch(path, options)).status;
  const json = { "content-type": "application/json", "prefactor-page": "1", authorization: "Bearer any" };
  const body = JSON.stringify({ reason: "evil" });
  return {
    data: await ask("/page/runs"),
    file: await ask("/page/main.js"),
    api: await ask("/api/v1/agent_spans", { headers: json }),
    end: await ask(`/page/runs/${run}/terminate`, { method: "POST", headers: json, body }),
    endByApi: await ask(`/api/v1/agent_instance/${run}/terminate`, { method: "POST", headers: json, body }),
  };
}

export async function play(browser) {
  const run = await register("secretive");
  await span(run, "agent:run", { question: "Who may know?" });
  const evil = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><body>"));
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  const context = await browser.newContext();
  context.setDefaultTimeout(TIMEOUT);
  try {
    const page = await context.newPage();
    await page.goto(`http://evil.example:${evil.address().port}/`);
    const attacked = await page.evaluate(attack, { url: PAGE_URL, run });
    // A frame whose page is refused shows the browser's own instead, and that has no heading of ours.
    await page.evaluate(framed, PAGE_URL);
    const inner = await (await page.locator("iframe[title=framed]").elementHandle()).contentFrame();
    const isFramed = (await inner.content()).includes("Prefactor");
    const answer = await page.goto(`http://evil.example:${new URL(PAGE_URL).port}/`);
    const renamed = { page: answer.status(), ...(await page.evaluate(rebound, run)) };
    const shown = await fetch(`${PAGE_URL}/api/v1/agent_instance/${run}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const { details } = await shown.json();
    return { attacked, framed: isFramed, renamed, status: details.status };
  } finally {
    await context.close();
    evil.close();
  }
}
