// Filters are part of the address, so that they can be bookmarked and gone back to.

import { go, withQuery } from "/page/address.js";
import { element } from "/page/dom.js";

const STATUSES = ["pending", "active", "complete", "failed", "cancelled", "terminated"];
const TIMES = [["", "Any time"], ["1h", "Last hour"], ["24h", "Last 24 hours"], ["7d", "Last 7 days"], ["30d", "Last 30 days"]];
const NAMES = ["q", "agent", "status", "time", "tag", "errors"];

export function filters() {
  const search = element("input", { type: "search", placeholder: "Search names, payloads and results", "aria-label": "Search runs", autocomplete: "off", spellcheck: "false" });
  const agent = select("Agent", [["", "All agents"]]);
  const status = select("Status", [["", "Any status"], ...STATUSES.map((word) => [word, word])]);
  const time = select("Time", TIMES);
  const tag = select("Tag", [["", "Any tag"]]);
  const errors = element("input", { type: "checkbox" });
  const node = element("form", { class: "filters", role: "search" }, search, agent, status, time, tag, element("label", {}, errors, "Errors only"));
  let typing = null;

  const apply = (replace) =>
    go(withQuery({ q: search.value.trim(), agent: agent.value, status: status.value, time: time.value, tag: tag.value, errors: errors.checked ? "1" : "", offset: "" }), { replace });
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => apply(true), 250);
  });
  node.addEventListener("change", (event) => event.target !== search && apply(false));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    apply(false);
  });

  return {
    node,
    read() {
      const query = new URLSearchParams(location.search);
      if (document.activeElement !== search) search.value = query.get("q") ?? "";
      for (const [name, field] of Object.entries({ agent, status, time, tag })) choose(field, query.get(name) ?? "");
      errors.checked = query.get("errors") === "1";
    },
    offer({ agents, tags }) {
      options(agent, [["", "All agents"], ...agents.map((name) => [name, name])]);
      options(tag, [["", "Any tag"], ...tags.map((name) => [name, name])]);
      tag.hidden = tags.length === 0 && !tag.value;
    },
    isSet() {
      const query = new URLSearchParams(location.search);
      return NAMES.some((name) => query.get(name));
    },
    focus: () => search.focus(),
    toggleErrors() {
      errors.checked = !errors.checked;
      apply(false);
    },
  };
}

function select(label, entries) {
  const node = element("select", { "aria-label": label });
  options(node, entries);
  return node;
}

function options(node, entries) {
  const value = node.value;
  const key = JSON.stringify(entries);
  if (node.dataset.entries === key) return;
  node.dataset.entries = key;
  node.replaceChildren(...entries.map(([value, text]) => element("option", { value }, text)));
  choose(node, value);
}

function choose(node, value) {
  if (![...node.options].some((option) => option.value === value)) node.append(element("option", { value }, value));
  node.value = value;
}
