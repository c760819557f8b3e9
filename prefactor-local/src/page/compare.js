import { address, go, runHref, withQuery } from "/page/address.js";
import { button, element, mark, setAttribute, setChildren } from "/page/dom.js";
import { compareTrees, lineDiff } from "/page/diff.js";
import { pretty } from "/page/pretty.js";
import { integer, money, tokens } from "/page/numbers.js";
import { pricesOf } from "/page/prices.js";
import { agentOf, runDuration, titleOf } from "/page/run_row.js";
import { get } from "/page/server.js";
import { endOf, STATUS } from "/page/spans.js";
import { traceSource } from "/page/trace_source.js";
import { oneLine, visible } from "/page/text.js";
import { clock, duration } from "/page/time.js";
import { sumUsage } from "/page/usage.js";
import { virtualList } from "/page/virtual.js";

const SIGNS = { same: "", changed: "≠", left: "−", right: "+" };
const WORDS = { same: "alike", changed: "differs", left: "only in the first run", right: "only in the second run" };

export function compareScene() {
  const heads = element("div", { class: "pair-heads" });
  const only = element("input", { type: "checkbox" });
  const found = element("span", { class: "quiet", role: "status" });
  const bar = element("div", { class: "bar-tools" }, element("a", { class: "crumb", href: "/", "data-go": "" }, "‹ All runs"), element("label", {}, only, "Differences only"), found);
  const list = element("div", { class: "pairs", role: "list", "aria-label": "Spans of both runs" });
  const choices = element("div", { class: "choices" });
  const scroller = element("section", { class: "trace", "aria-label": "Comparison" }, choices, list);
  const panel = element("aside", { class: "panel difference", "aria-label": "Difference", hidden: "" });
  const node = element("div", { class: "scene-run scene-compare" }, element("div", { class: "left" }, heads, bar, scroller), panel);
  let sources = [];
  let ids = [];
  let pairs = [];
  let timer = null;
  let chosen = null;
  const drawRow = (row, pair) => {
    drawPair(row, pair);
    setAttribute(row, "aria-current", pair.id === chosen ? "true" : null);
  };
  const rows = virtualList(scroller, list, { make: newPair, draw: drawRow });

  function choosePair(id) {
    chosen = id;
    panel.hidden = id === null;
    rows.redraw();
  }

  function open(a, b) {
    sources.forEach((source) => source?.stop());
    ids = [a, b];
    choosePair(null);
    sources = ids.map((id) => (id ? traceSource(id, soon) : null));
    choices.replaceChildren();
    if (!b) choose(a);
  }

  function soon() {
    timer ??= setTimeout(draw, 200);
  }

  async function draw() {
    timer = null;
    const prices = await pricesOf();
    setChildren(heads, sources.map((source, index) => headOf(source, index, prices)));
    if (sources.some((source) => !source?.run)) return;
    sources.forEach((source) => source.spans.arrange());
    pairs = compareTrees(sources[0].spans.roots, sources[1].spans.roots);
    const differing = pairs.filter((pair) => pair.kind !== "same").length;
    found.textContent = `${integer(pairs.length)} spans, ${integer(differing)} differ`;
    rows.set(only.checked ? pairs.filter((pair) => pair.kind !== "same") : pairs, 30);
  }

  async function choose(a) {
    const first = await get(`/page/runs/${encodeURIComponent(a)}`);
    if (!first || ids[1]) return;
    const { runs } = await get(`/page/runs?agent=${encodeURIComponent(first.run.agent)}`);
    const links = runs.filter((run) => run.id !== a).map((run) =>
      element("a", { class: "choice", href: withQuery({ b: run.id }), "data-go": "" }, mark(run.status), element("span", {}, titleOf(run)), element("span", { class: "quiet" }, `${agentOf(run)}, ${clock(run.started ?? run.registered)}`)));
    choices.replaceChildren(element("h2", {}, "Compare with"), ...(links.length > 0 ? links : [element("p", { class: "quiet" }, "This agent has no other run.")]));
  }

  async function showPair(pair) {
    const texts = await Promise.all([pair.a, pair.b].map((span) => (span ? get(`/page/spans/${encodeURIComponent(span.id)}`) : null)));
    const [a, b] = texts;
    const part = (name, left, right) => element("section", { class: "wide" }, element("h3", {}, name), diffView(left, right));
    const span = pair.a ?? pair.b;
    const head = element("header", {}, element("div", { class: "heading" }, element("h2", {}, oneLine(span.kind)), button("Close", { class: "plain" }, () => choosePair(null))), element("p", { class: "quiet" }, WORDS[pair.kind]));
    panel.replaceChildren(head, part("Payload", a?.payload, b?.payload), part("Result", a?.result, b?.result));
    choosePair(pair.id);
    panel.scrollTop = 0;
  }

  list.addEventListener("click", (event) => {
    const row = event.target.closest(".pair");
    if (row) showPair(pairs.find((pair) => pair.id === row.dataset.id));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = event.target.closest?.(".pair");
    if (!step || !at) return;
    event.preventDefault();
    const next = rows.item(rows.indexOf(at.dataset.id) + step);
    if (next) rows.focus(next.id, 0);
  });
  only.addEventListener("change", draw);

  return {
    node,
    keys: [
      { key: "d", does: "differences only", run: () => only.click() },
      { key: "x", does: "exchange the runs", run: () => go(withQuery({ a: ids[1], b: ids[0] })) },
      { key: "Escape", does: "close the difference, then go back to the run", run: () => (panel.hidden ? go(runHref(ids[0])) : choosePair(null)) },
    ],
    show() {
      const { query } = address();
      const [a, b] = [query.get("a"), query.get("b")];
      if (a !== ids[0] || b !== ids[1]) open(a, b);
    },
    leave() {
      clearTimeout(timer);
      sources.forEach((source) => source?.stop());
    },
  };
}

function headOf(source, index, prices) {
  if (!source?.run) return element("div", { class: "pair-head" }, element("p", { class: "quiet" }, source ? "Reading…" : "Choose a second run below."));
  const { run } = source;
  const usage = sumUsage(run.models, prices);
  const facts = [run.status, agentOf(run), clock(run.started ?? run.registered), runDuration(run, source.now()), `${integer(run.spans)} spans`];
  if (usage.input + usage.output > 0) facts.push(`${tokens(usage.input + usage.output)} tokens`);
  if (usage.cost !== null) facts.push(money(usage.cost));
  const title = element("a", { href: runHref(run.id), "data-go": "" }, titleOf(run));
  return element("div", { class: "pair-head" }, element("div", { class: "heading" }, element("span", { class: "letter" }, index === 0 ? "A" : "B"), mark(run.status), element("h1", {}, title)), element("p", { class: "quiet" }, facts.join("  ·  ")));
}

function newPair() {
  const side = () => element("span", { class: "side" });
  const node = element("button", { type: "button", class: "pair" }, side(), element("span", { class: "sign" }), side());
  return node;
}

function drawPair(node, pair) {
  const [left, sign, right] = node.children;
  node.dataset.kind = pair.kind;
  sign.textContent = SIGNS[pair.kind];
  fillSide(left, pair.a, pair.depth);
  fillSide(right, pair.b, pair.depth);
  const span = pair.a ?? pair.b;
  node.setAttribute("aria-label", `${oneLine(span.kind)} ${oneLine(span.text ?? "")}, ${WORDS[pair.kind]}`);
}

function fillSide(side, span, depth) {
  side.style.setProperty("--indent", `${12 * Math.min(depth, 12)}px`);
  if (!span) return side.replaceChildren();
  const text = oneLine(span.name ?? span.error ?? span.text ?? "");
  const length = span.end === null ? STATUS[span.status] : duration(endOf(span, 0) - span.start);
  side.replaceChildren(mark(STATUS[span.status]), element("span", { class: "kind" }, oneLine(span.kind)), element("span", { class: "text" }, text), element("span", { class: "number" }, length));
}

function diffView(left, right) {
  const lines = lineDiff(pretty(left), pretty(right));
  if (!lines.some(({ sign }) => sign !== " ")) return element("p", { class: "quiet" }, left ? "alike" : "none");
  return element("pre", { class: "diff", tabindex: "0" }, ...lines.map(({ sign, text }) => element("span", { "data-sign": sign }, `${sign} ${visible(text)}\n`)));
}
