// The list of runs.

import { element, mark, moveWithArrows, setAttribute, setChildren, setMark, setText } from "/page/dom.js";
import { clock, duration, micros } from "/page/time.js";

const list = document.getElementById("runs");
const rows = new Map();

moveWithArrows(list);

export function drawRuns(runs, chosen) {
  const nodes = runs.map((run) => {
    if (!rows.has(run.id)) rows.set(run.id, newRow(run.id));
    const row = rows.get(run.id);
    const started = micros(run.started_at ?? run.inserted_at);
    setMark(row.mark, run.status);
    setText(row.name, run.agent_name);
    setText(row.started, clock(started));
    setText(row.duration, runDuration(run));
    setText(row.counts, counts(run.span_counts));
    setAttribute(row.link, "aria-current", run.id === chosen ? "page" : null);
    setAttribute(row.link, "aria-label", `${run.agent_name}, ${run.status}, ${clock(started)}`);
    return row.link;
  });
  setChildren(list, nodes);
}

export function counts({ total, failed, active }) {
  const parts = [`${total} ${total === 1 ? "span" : "spans"}`];
  if (active) parts.push(`${active} open`);
  if (failed) parts.push(`${failed} failed`);
  return parts.join(", ");
}

export function runDuration(run) {
  if (!run.started_at || !run.finished_at) return run.status;
  return duration(micros(run.finished_at) - micros(run.started_at));
}

function newRow(id) {
  const row = {
    mark: mark("pending"),
    name: element("span", { class: "name" }),
    started: element("span", { class: "number" }),
    duration: element("span", { class: "number duration" }),
    counts: element("span", { class: "counts" }),
  };
  const second = element("span", { class: "second" }, row.started, row.counts);
  row.link = element("a", { class: "run", href: `/runs/${encodeURIComponent(id)}` }, row.mark, row.name, row.duration, second);
  return row;
}
