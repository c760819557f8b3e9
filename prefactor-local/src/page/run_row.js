import { runHref } from "/page/address.js";
import { element, mark, setAttribute, setMark, setText } from "/page/dom.js";
import { count, integer, money, tokens } from "/page/numbers.js";
import { oneLine } from "/page/text.js";
import { clock, duration } from "/page/time.js";
import { sumUsage } from "/page/usage.js";

export function newRow(id, choose) {
  const cell = (name) => element("span", { class: name });
  const row = {
    mark: mark("pending"), title: cell("title"), agent: cell("agent"), started: cell("number started"), duration: cell("number duration"),
    spans: cell("number spans"), tokens: cell("number tokens"), cost: cell("number cost"), quality: cell("quality"), alerts: cell("alerts"),
  };
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => choose(id, box.checked));
  row.box = box;
  row.isFilled = (name) => row[name].textContent !== "";
  row.link = element("a", { class: "run", href: runHref(id), "data-go": "" }, row.mark, row.title, row.agent, row.started, row.duration, row.spans, row.tokens, row.cost, row.quality, row.alerts);
  row.node = element("div", { class: "item" }, element("label", { class: "box" }, box), row.link);
  return row;
}

export function updateRow(row, run, now, prices) {
  const usage = sumUsage(run.models, prices);
  const total = usage.input + usage.output;
  setMark(row.mark, run.status);
  const title = titleOf(run);
  row.title.replaceChildren(element("span", { class: "words" }, title), ...badges(run, now));
  setText(row.agent, agentOf(run));
  setText(row.started, clock(run.started ?? run.registered));
  setText(row.duration, runDuration(run, now));
  row.spans.replaceChildren(integer(run.spans), element("span", { class: "unit" }, run.spans === 1 ? " span" : " spans"), ...(run.failed > 0 ? [element("span", { class: "quiet" }, " · "), element("span", { class: "bad" }, `${integer(run.failed)} failed`)] : []));
  setText(row.tokens, total > 0 ? tokens(total) : "");
  setText(row.cost, costText(usage));
  setText(row.quality, qualityOf(run));
  setText(row.alerts, run.alerts.length > 0 ? count(run.alerts.length, "alert") : "");
  setAttribute(row.alerts, "data-raised", run.alerts.length > 0 ? "" : null);
  setAttribute(row.box, "aria-label", `Compare ${title}`);
  setAttribute(row.link, "aria-label", `${title}, ${agentOf(run)}, ${run.status}, started ${clock(run.started ?? run.registered)}, ${count(run.spans, "span")}, ${run.failed} failed${run.lost > 0 ? `, ${run.lost} lost` : ""}`);
}

export function titleOf(run) {
  return oneLine(run.question ?? "") || oneLine(run.external_identifier ?? "") || "No text recorded";
}

export function agentOf(run) {
  const name = oneLine(run.agent);
  return run.version ? `${name} ${oneLine(run.version)}` : name;
}

export function costText({ cost, isComplete }) {
  if (cost === null) return "";
  return isComplete ? money(cost) : `≥ ${money(cost)}`;
}

export function runDuration(run, now) {
  if (run.started === null) return run.finished === null ? "not started" : "";
  return duration((run.finished ?? now) - run.started);
}

export function badges(run, now) {
  const found = [];
  const badge = (text, kind, title) => found.push(element("span", { class: `badge ${kind}`, title }, text));
  if (run.lost > 0) badge(`${count(run.lost, "span")} lost`, "alarm", "The agent reported spans that it could not deliver: this run is incomplete.");
  if (run.silent_since !== null) badge(`not heard from for ${duration(now - run.silent_since)}`, "warn", "The agent may have been killed, or it waits.");
  if (run.finished !== null && run.open > 0) badge(`${count(run.open, "span")} never ended`, "warn", "The run ended while these spans were open.");
  if (run.purpose && run.purpose !== "live") badge(run.purpose.replace("_", " "), "", "Purpose of the run");
  for (const tag of run.tags) badge(oneLine(tag), "tag", "Tag");
  return found;
}

export function qualityOf(run) {
  return Object.entries(run.quality ?? {})
    .map(([name, payload]) => {
      if (typeof payload === "string") return `${oneLine(name)}: ${oneLine(payload)}`;
      const number = Object.entries(payload ?? {}).find(([, value]) => typeof value === "number" || typeof value === "boolean");
      return number ? `${oneLine(name)} ${String(number[1])}` : oneLine(name);
    })
    .join(", ");
}
