// What is shown follows the address: `/` is the newest run, `/runs/ID` one run, `?span=ID` one of its
// spans. Once a second the list of runs is read again, and the run shown as long as it may still change.

import { element } from "/page/dom.js";
import { drawDetail } from "/page/detail.js";
import { drawRuns } from "/page/runs.js";
import { drawNothing, drawTrace, focusSpan, showSpan } from "/page/waterfall.js";

const EVERY = 1000;
const connection = document.getElementById("connection");
const layout = document.getElementById("layout");

let last = { signature: null, trace: null };
let underWay = null;
let shown = null;

document.getElementById("origin").textContent = location.host;

function place() {
  const run = location.pathname.startsWith("/runs/") ? decodeURIComponent(location.pathname.slice(6)) : null;
  return { run, span: new URLSearchParams(location.search).get("span") };
}

async function read(path) {
  const response = await fetch(path);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

async function refresh() {
  const at = place();
  const { any_token: anyToken, runs } = await read("/page/runs");
  const id = at.run ?? runs[0]?.id;
  drawRuns(runs, id);
  layout.dataset.view = at.run ? "run" : runs.length > 0 ? "list" : "empty";
  if (!id) return drawNothing(welcome(anyToken));
  const trace = await current(id, runs.find((run) => run.id === id));
  if (trace) document.title = `${trace.run.agent_name} - Prefactor local`;
  if (trace) drawTrace(trace, at.span);
  else drawNothing(element("div", { class: "blank" }, element("h1", {}, "No such run"), element("p", {}, "The database of this server does not hold it.")));
  const span = trace?.spans.find((span) => span.id === at.span);
  await drawDetail(span, `/runs/${encodeURIComponent(id)}`, (id) => read(`/page/spans/${encodeURIComponent(id)}`));
  if (shown !== at.span) showSpan(at.span);
  shown = at.span;
}

// The trace of a run that ended is read again only when its line in the list has changed.
async function current(id, run) {
  const signature = JSON.stringify(run ?? id);
  const open = last.trace?.spans.some((span) => span.finished_at === null);
  const over = run && run.status !== "active" && run.status !== "pending" && !open;
  if (!over || last.signature !== signature) {
    last = { signature, trace: await read(`/page/runs/${encodeURIComponent(id)}`) };
  }
  return last.trace;
}

function welcome(anyToken) {
  const token = anyToken ? "pf_local" : "(the token this server was started with)";
  const lines = `export PREFACTOR_API_URL=${location.origin}\nexport PREFACTOR_API_TOKEN=${token}`;
  return element(
    "div",
    { class: "blank" },
    element("h1", {}, "No runs yet"),
    element("p", {}, "Set these two variables, then run your agent. Its trace appears here by itself."),
    element("pre", { tabindex: "0" }, lines),
    element("p", { class: "none" }, anyToken ? "Any token is accepted." : "Other tokens are refused."),
  );
}

// One refresh at a time; one that is asked for meanwhile follows.
async function update() {
  while (underWay) await underWay;
  underWay = refresh().then(
    () => (connection.textContent = ""),
    () => (connection.textContent = "Server not reachable, trying again"),
  );
  await underWay;
  underWay = null;
}

function go(href) {
  if (href !== location.pathname + location.search) history.pushState(null, "", href);
  return update();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});

document.addEventListener("keydown", (event) => {
  const { run, span } = place();
  if (event.key !== "Escape" || !span) return;
  go(`/runs/${encodeURIComponent(run)}`).then(() => focusSpan(span));
});

addEventListener("popstate", update);

await update();
setInterval(() => {
  if (!document.hidden && !underWay) update();
}, EVERY);
