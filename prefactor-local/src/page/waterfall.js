// One run as a waterfall: a row per span, indented under its parent, with a bar on a common time axis.

import { element, mark, moveWithArrows, setAttribute, setChildren, setMark, setText } from "/page/dom.js";
import { clock, duration, micros, ticks } from "/page/time.js";
import { counts } from "/page/runs.js";

const DEEPEST_INDENT = 12;
const LABEL_WIDTH = 64;
const main = document.getElementById("trace");

const head = {
  back: element("a", { class: "back", href: "/" }, "All runs"),
  mark: mark("pending"),
  name: element("h1"),
  facts: element("p", { class: "facts" }),
  id: element("p", { class: "mono id" }),
  notice: element("p", { class: "notice" }),
};
const axis = element("div", { class: "axis", "aria-hidden": "true" });
const lines = element("div", { class: "axis" });
const grid = element("div", { class: "row grid", "aria-hidden": "true" }, element("span"), lines);
const list = element("div", { class: "spans", role: "list", "aria-label": "Spans" });
const header = element("header", { class: "head" }, head.back, element("div", { class: "title" }, head.mark, head.name), head.facts, head.id, head.notice);
const scale = element("div", { class: "row scale" }, element("span", { class: "label" }, "Span"), axis, element("span", { class: "duration" }, "Duration"));
const chart = element("div", { class: "chart" }, grid, scale, list);

let rows = new Map();
let drawn = null;

moveWithArrows(list);

export function drawTrace({ run, spans, now }, chosen) {
  if (drawn !== run.id) {
    rows = new Map();
    drawn = run.id;
  }
  setChildren(main, [header, chart]);
  drawHead(run, spans, now);
  const bars = spans.map((span) => {
    const start = micros(span.started_at ?? span.inserted_at);
    const end = span.finished_at ? micros(span.finished_at) : span.status === "active" ? micros(now) : start;
    return { span, start, end: Math.max(start, end) };
  });
  const starts = bars.map((bar) => bar.start);
  const first = starts.reduce((a, b) => Math.min(a, b), run.started_at ? micros(run.started_at) : Infinity);
  const last = bars.reduce((end, bar) => Math.max(end, bar.end), first + 1);
  drawAxis(last - first);
  setChildren(list, tree(bars).map(({ bar, depth }) => drawRow(run, bar, depth, first, last - first, chosen)));
}

export function drawNothing(...children) {
  drawn = null;
  setChildren(main, children);
}

export function focusSpan(id) {
  rows.get(id)?.link.focus();
}

export function showSpan(id) {
  rows.get(id)?.link.scrollIntoView({ block: "nearest" });
}

function drawHead(run, spans, now) {
  setMark(head.mark, run.status);
  setText(head.name, run.agent_name);
  const started = micros(run.started_at ?? run.inserted_at);
  const length = duration(micros(run.finished_at ?? now) - started);
  const reason = run.termination_reason ? [`reason: ${run.termination_reason}`] : [];
  setText(head.facts, [run.status, `${run.started_at ? "started" : "registered"} ${clock(started)}`, length, counts(run.span_counts), ...reason].join("  ·  "));
  setText(head.id, run.id);
  const missing = run.span_counts.total - spans.length;
  setText(head.notice, missing > 0 ? `The first ${spans.length} spans are shown; ${missing} more are in the API.` : "");
  head.notice.hidden = missing <= 0;
}

function drawAxis(length) {
  const room = Math.max(1, Math.min(5, Math.floor(axis.clientWidth / LABEL_WIDTH)));
  const at = ticks(length, room);
  const placed = (text, at) => {
    const node = element("span", {}, text);
    place(node, at / length);
    return node;
  };
  // A label at the very end would be cut off.
  const labels = at.filter((at) => at <= length * 0.88);
  setChildren(axis, labels.map((at) => placed(at === 0 ? "0" : duration(at).replace(/\.0+ /, " "), at)));
  setChildren(lines, at.map((at) => placed("", at)));
}

// Children under their parents, both in the order in which they started. A span whose parent is not
// among the spans shown is drawn as a root rather than lost.
function tree(bars) {
  const known = new Set(bars.map((bar) => bar.span.id));
  const children = new Map();
  for (const bar of bars) {
    const parent = known.has(bar.span.parent_span_id) ? bar.span.parent_span_id : null;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(bar);
  }
  const ordered = [];
  const waiting = (children.get(null) ?? []).map((bar) => ({ bar, depth: 0 })).reverse();
  while (waiting.length > 0) {
    const entry = waiting.pop();
    ordered.push(entry);
    const below = children.get(entry.bar.span.id) ?? [];
    waiting.push(...below.map((bar) => ({ bar, depth: entry.depth + 1 })).reverse());
  }
  return ordered;
}

function drawRow(run, { span, start, end }, depth, first, length, chosen) {
  if (!rows.has(span.id)) rows.set(span.id, newRow(run.id, span.id));
  const row = rows.get(span.id);
  const lasted = span.status === "pending" ? "" : duration(end - start);
  setMark(row.mark, span.status);
  setText(row.name, span.schema_name);
  setText(row.duration, lasted);
  setAttribute(row.bar, "data-status", span.status);
  setAttribute(row.link, "title", span.schema_title ?? span.schema_name);
  setAttribute(row.link, "aria-label", `${span.schema_name}, level ${depth + 1}, ${span.status}, ${lasted}`);
  setAttribute(row.link, "aria-current", span.id === chosen ? "true" : null);
  row.label.style.setProperty("--depth", Math.min(depth, DEEPEST_INDENT));
  place(row.bar, (start - first) / length, (end - start) / length);
  return row.item;
}

function newRow(run, id) {
  const row = {
    mark: mark("pending"),
    name: element("span", { class: "name" }),
    bar: element("span", { class: "bar" }),
    duration: element("span", { class: "duration number" }),
  };
  row.label = element("span", { class: "label" }, row.mark, row.name);
  const track = element("span", { class: "track" }, row.bar);
  const href = `/runs/${encodeURIComponent(run)}?span=${encodeURIComponent(id)}`;
  row.link = element("a", { class: "row", href }, row.label, track, row.duration);
  row.item = element("div", { role: "listitem" }, row.link);
  return row;
}

function place(node, left, width) {
  node.style.left = `${(left * 100).toFixed(3)}%`;
  if (width !== undefined) node.style.width = `${(width * 100).toFixed(3)}%`;
}
