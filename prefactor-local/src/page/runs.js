// The list is read again when the server reports a changed run, at most once a second.

import { go, runHref, withQuery } from "/page/address.js";
import { button, element, setChildren } from "/page/dom.js";
import { filters } from "/page/filters.js";
import { moveWithArrows } from "/page/keys.js";
import { bytes, count, integer } from "/page/numbers.js";
import { pricesOf } from "/page/prices.js";
import { newRow, updateRow } from "/page/run_row.js";
import { get, listen } from "/page/server.js";
import { nothingFound, welcome } from "/page/welcome.js";

export const PAGE = 100;
const OPTIONAL = ["tokens", "cost", "quality", "alerts"];
const HEADINGS = { mark: "", title: "Run", agent: "Agent", started: "Started", duration: "Duration", spans: "Spans", tokens: "Tokens", cost: "Cost", quality: "Quality", alerts: "Alerts" };

export function runsScene() {
  const bar = filters();
  const list = element("nav", { class: "runs", "aria-label": "Runs" });
  const headings = element("div", { class: "item headings", "aria-hidden": "true" }, ...Object.entries(HEADINGS).map(([name, text]) => element("span", { class: name }, text)));
  const pages = element("div", { class: "pages" });
  const empty = element("div", {});
  const node = element("div", { class: "scene-runs" }, bar.node, headings, list, empty, pages);
  const rows = new Map();
  const chosen = new Set();
  const compare = button("Compare", { class: "compare" }, () => {
    const [a, b] = [...chosen];
    go(`/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`);
  });
  let timer = null;
  let reading = null;
  let isLeft = false;
  moveWithArrows(list);

  const choose = (id, isChosen) => {
    if (isChosen) chosen.add(id);
    else chosen.delete(id);
    compare.disabled = chosen.size !== 2;
    compare.textContent = chosen.size === 0 ? "Compare" : `Compare (${chosen.size} of 2)`;
  };
  choose(null, false);
  bar.node.append(compare);

  async function read() {
    const query = new URLSearchParams(location.search);
    const data = await get(`/page/runs?${query}`);
    if (isLeft || !data) return;
    const prices = await pricesOf();
    bar.offer(data);
    const nodes = data.runs.map((run) => {
      if (!rows.has(run.id)) rows.set(run.id, newRow(run.id, choose));
      updateRow(rows.get(run.id), run, data.now, prices);
      return rows.get(run.id).node;
    });
    setChildren(list, nodes);
    // The style sheet hides columns that no run fills.
    for (const name of OPTIONAL) node.toggleAttribute(`data-no-${name}`, !data.runs.some((run) => rows.get(run.id).isFilled(name)));
    const isFiltered = bar.isSet();
    headings.hidden = data.runs.length === 0;
    bar.node.hidden = data.runs.length === 0 && !isFiltered;
    empty.replaceChildren(...(data.runs.length > 0 ? [] : [isFiltered ? nothingFound("/") : welcome(data.any_token)]));
    drawPages(pages, data);
  }

  async function refresh() {
    while (reading) await reading;
    if (isLeft) return;
    reading = read().catch(() => {});
    await reading;
    reading = null;
  }

  const soon = () => {
    timer ??= setTimeout(() => {
      timer = null;
      refresh();
    }, 400);
  };
  const stop = listen("/page/events", { runs: soon, missed: soon });
  // Marks such as "not heard from" appear with time alone.
  const clock = setInterval(() => document.hidden || soon(), 15_000);

  return {
    node,
    keys: [
      { key: "/", does: "search", run: () => bar.focus() },
      { key: "e", does: "errors only", run: () => bar.toggleErrors() },
    ],
    show() {
      bar.read();
      refresh();
    },
    leave() {
      isLeft = true;
      clearTimeout(timer);
      clearInterval(clock);
      stop();
    },
  };
}

function drawPages(place, { total, runs, offset, file_bytes: size, is_partial: isPartial }) {
  const last = Math.max(0, Math.floor((total - 1) / PAGE)) * PAGE;
  const page = (text, label, to, isOff) => {
    const attributes = isOff ? { "aria-disabled": "true", class: "page" } : { href: withQuery({ offset: to || "" }), "data-go": "", class: "page" };
    return element("a", { ...attributes, "aria-label": label }, text);
  };
  const range = total === 0 ? "" : `${integer(offset + 1)}–${integer(offset + runs.length)} of ${count(total, "run")}${isPartial ? " with the newest matches; older runs may match too" : ""}`;
  const links = [
    page("« First", "First page", 0, offset === 0),
    page("‹ Newer", "Newer runs", Math.max(0, offset - PAGE), offset === 0),
    page("Older ›", "Older runs", offset + PAGE, offset + runs.length >= total),
    page("Last »", "Last page", last, offset >= last),
  ];
  const file = size ? [element("span", { class: "quiet" }, `Database file: ${bytes(size)}`)] : [];
  place.replaceChildren(element("span", { class: "number" }, range), ...(total > PAGE ? links : []), ...file);
}

export { runHref };
