import { button, element } from "/page/dom.js";
import { family } from "/page/kinds.js";
import { integer, money, tokens } from "/page/numbers.js";
import { editPrices } from "/page/prices.js";
import { endOf } from "/page/spans.js";
import { oneLine } from "/page/text.js";
import { duration } from "/page/time.js";
import { costOf, priceOf } from "/page/usage.js";

export function figures(source) {
  const node = element("div", { class: "figures" });
  let drawn = null;

  return {
    node,
    draw(prices) {
      const { spans, now, isComplete } = source();
      const key = `${isComplete} ${spans.size} ${spans.open > 0 ? now() : ""} ${JSON.stringify(prices)}`;
      if (key === drawn) return;
      drawn = key;
      // Sums over a part of the spans would be taken for those of the run.
      if (!isComplete) {
        node.replaceChildren(element("p", { class: "quiet" }, "Reading…"));
        return;
      }
      const models = group(spans.ordered.filter((span) => span.model || span.input || span.output), (span) => span.model ?? "model not recorded", now(), prices);
      const names = models.map(({ name }) => name).filter((name) => name !== "model not recorded");
      const dates = [...new Set(names.map((name) => priceOf(name, prices)?.as_of).filter(Boolean))].sort();
      const asOf = dates.length > 0 ? `Prices of ${dates[0]}${dates.length > 1 ? ` to ${dates.at(-1)}` : ""}. ` : "";
      const missing = names.filter((name) => !priceOf(name, prices));
      const note = missing.length > 0 ? `No price for ${missing.map(oneLine).join(", ")}.` : "";
      node.replaceChildren(
        element("h2", {}, "By span type"),
        table(["Span type", "Spans", "Failed", "Total time", "Own time", "Share", "Median", "Slowest", "Tokens", "Cost"], group(spans.ordered, (span) => span.kind, now(), prices).map(typeCells)),
        element("div", { class: "with-button" }, element("h2", {}, "By model"), button("Edit prices…", { class: "plain" }, () => editPrices(names))),
        models.length > 0
          ? table(["Model", "Calls", "Failed", "Total time", "Median", "Input", "Cached", "Output", "Cost"], models.map(modelCells))
          : element("p", { class: "quiet" }, "No span recorded a model or token usage."),
        element("p", { class: "quiet" }, asOf + note),
      );
    },
  };
}

function group(spans, nameOf, now, prices) {
  const groups = new Map();
  for (const span of spans) {
    const name = nameOf(span);
    if (!groups.has(name)) groups.set(name, { name, count: 0, failed: 0, lengths: [], own: 0, input: 0, cached: 0, output: 0, cost: null });
    const sum = groups.get(name);
    const length = endOf(span, now) - span.start;
    sum.count += 1;
    sum.failed += span.status === 3 ? 1 : 0;
    sum.lengths.push(length);
    sum.own += ownTime(span, now);
    sum.input += span.input ?? 0;
    sum.cached += span.cached ?? 0;
    sum.output += span.output ?? 0;
    const cost = costOf(span, prices);
    if (cost !== null) sum.cost = (sum.cost ?? 0) + cost;
  }
  for (const sum of groups.values()) {
    sum.lengths.sort((a, b) => a - b);
    sum.total = sum.lengths.reduce((a, b) => a + b, 0);
  }
  const own = [...groups.values()].reduce((all, sum) => all + sum.own, 0);
  for (const sum of groups.values()) sum.share = own > 0 ? sum.own / own : 0;
  return [...groups.values()].sort((a, b) => b.total - a.total);
}

// A span's own time is the time in which none of its children ran.
function ownTime(span, now) {
  const end = endOf(span, now);
  let own = 0;
  let at = span.start;
  for (const child of span.children) {
    if (child.start > at) own += Math.min(child.start, end) - at;
    at = Math.max(at, endOf(child, now));
    if (at >= end) return own;
  }
  return own + Math.max(0, end - at);
}

function typeCells(sum) {
  const name = element("span", { class: "family", "data-family": family(sum.name) }, oneLine(sum.name));
  return [name, integer(sum.count), failures(sum), duration(sum.total), duration(sum.own), ownShare(sum), duration(middle(sum)), duration(sum.lengths.at(-1)), used(sum.input + sum.output), paid(sum)];
}

function ownShare(sum) {
  const bar = element("span", {});
  bar.style.width = `${(100 * sum.share).toFixed(0)}px`;
  return element("span", { class: "share", "data-family": family(sum.name) }, bar, `${(100 * sum.share).toFixed(0)} %`);
}

function modelCells(sum) {
  return [oneLine(sum.name), integer(sum.count), failures(sum), duration(sum.total), duration(middle(sum)), used(sum.input), used(sum.cached), used(sum.output), paid(sum)];
}

const middle = ({ lengths }) => lengths[Math.floor((lengths.length - 1) / 2)];
const used = (number) => (number > 0 ? tokens(number) : "");
const paid = ({ cost }) => (cost === null ? "" : money(cost));
const failures = ({ failed }) => (failed > 0 ? element("span", { class: "bad" }, integer(failed)) : "");

function table(headings, lines) {
  const head = headings.map((text) => element("th", { scope: "col" }, text));
  const rows = lines.map(([first, ...rest]) => element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((cell) => element("td", { class: "number" }, cell))));
  return element("div", { class: "wide", tabindex: "0" }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)));
}
