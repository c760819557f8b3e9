// Events are named objects under `events` in the result or in the payload: retries, budget checks, guardrails.

import { element } from "/page/dom.js";
import { jsonView } from "/page/json_view.js";
import { member, stringOf } from "/page/json_tree.js";
import { oneLine } from "/page/text.js";
import { duration } from "/page/time.js";

const TIMES = ["at", "timestamp", "time"];

export function eventsOf(...trees) {
  for (const tree of trees) {
    const list = member(tree, "events") ?? member(tree, "$events");
    const events = (list?.type === "array" ? list.items : []).filter((item) => stringOf(member(item, "name")));
    if (events.length > 0) return events;
  }
  return [];
}

export function eventsView(events, start) {
  if (events.length === 0) return [];
  const list = element("ol", { class: "events" });
  for (const event of events) {
    const time = TIMES.map((name) => stringOf(member(event, name))).find(Boolean);
    const instant = time ? Date.parse(time) * 1000 : NaN;
    const when = Number.isNaN(instant) ? "" : `+${duration(instant - start)}`;
    const data = member(event, "data") ?? member(event, "attributes") ?? member(event, "fields");
    const line = element("li", {}, element("span", { class: "number when" }, when), element("strong", {}, oneLine(stringOf(member(event, "name")))));
    if (data) line.append(jsonView(data));
    list.append(line);
  }
  return [element("section", { class: "wide" }, element("h3", {}, "Events"), list)];
}
