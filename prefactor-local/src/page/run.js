import { go, runHref, withQuery } from "/page/address.js";
import { criticalPath } from "/page/critical.js";
import { element, setChildren } from "/page/dom.js";
import { figures } from "/page/figures.js";
import { pricesOf, onPrices } from "/page/prices.js";
import { runBar } from "/page/run_bar.js";
import { runHead } from "/page/run_head.js";
import { titleOf } from "/page/run_row.js";
import { get } from "/page/server.js";
import { spanPanel } from "/page/span_panel.js";
import { traceList } from "/page/trace_list.js";
import { traceSource } from "/page/trace_source.js";
import { noSuchRun } from "/page/welcome.js";

const PHONE = matchMedia("(max-width: 699px)");

export function runScene({ run: id }) {
  const view = {
    form: "waterfall", errorsFirst: false, matches: null, path: null, prices: [], chosen: null, spans: null, run: null, now: null,
    href: (span) => withQuery({ span }),
    rowHeight: () => (PHONE.matches ? 38 : 26),
    isComplete: () => source.isComplete,
  };
  const head = runHead(id);
  const bar = runBar({ view: (name) => go(withQuery({ view: name === "waterfall" ? "" : name }), { replace: true }), search, match, error: nextError, path: setPath, errorsFirst: setErrorsFirst, fold: (isFolded) => trace.foldAll(isFolded), zoom });
  const scroller = element("section", { class: "trace", "aria-label": "Trace" });
  const panel = spanPanel({ close: () => choose(null), opened: () => trace.reveal(view.chosen, false) });
  const node = element("div", { class: "scene-run" }, element("div", { class: "left" }, head.node, bar.node, scroller), panel.node);
  const trace = traceList(scroller, view, choose);
  const table = figures(() => source);
  let found = new Set();
  let lastShown = null;
  let frame = 0;
  let lastDrawn = 0;

  const source = traceSource(id, (what) => {
    if (what === "missing") return void node.replaceChildren(noSuchRun());
    soon();
  });
  view.spans = source.spans;
  view.now = source.now;

  // A large run is laid out at most twice a second while it grows.
  function soon() {
    if (frame) return;
    const pause = source.spans.size > 5000 ? Math.max(0, 500 - (performance.now() - lastDrawn)) : 0;
    frame = setTimeout(() => requestAnimationFrame(draw), pause);
  }

  function draw() {
    frame = 0;
    if (!source.run) return;
    lastDrawn = performance.now();
    view.run = source.run;
    document.title = `${titleOf(source.run)} · Prefactor local`;
    head.draw(source.run, source.now(), view.prices);
    source.spans.arrange();
    if (view.path) view.path = criticalPath(source.spans.roots, source.now());
    const isFigures = view.form === "figures";
    setChildren(scroller, [isFigures ? table.node : trace.node]);
    if (isFigures) table.draw(view.prices);
    else trace.draw();
    bar.draw({ view: view.form, failed: source.spans.failed, matched: view.matches ? source.spans.ordered.filter(view.matches).length : null, isZoomed: trace.axis.isZoomed });
    panel.show(view.chosen, source.spans.byId.get(view.chosen), source.isComplete);
    if (view.chosen !== lastShown && (view.chosen === null || trace.reveal(view.chosen, false))) lastShown = view.chosen;
  }

  function choose(span) {
    const before = view.chosen;
    go(withQuery({ span }));
    if (span === null && before) trace.reveal(before, true);
  }

  // The browser searches what rows show; the server searches payloads and results.
  async function search(text) {
    if (text === "") {
      view.matches = null;
      return draw();
    }
    const word = text.toLowerCase();
    const local = (span) => [span.kind, span.name, span.text, span.error, span.model, span.id].some((field) => field?.toLowerCase().includes(word));
    found = new Set();
    view.matches = local;
    draw();
    const answer = await get(`/page/runs/${encodeURIComponent(id)}/search?q=${encodeURIComponent(text)}`).catch(() => null);
    if (view.matches !== local || !answer) return;
    found = new Set(answer.ids);
    view.matches = (span) => local(span) || found.has(span.id);
    draw();
  }

  function step(accepts, by) {
    const rows = source.spans.ordered.filter(accepts);
    if (rows.length === 0) return;
    const from = rows.findIndex((span) => span.id === (view.chosen ?? trace.focused));
    const to = from < 0 ? (by > 0 ? 0 : rows.length - 1) : (from + by + rows.length) % rows.length;
    go(withQuery({ span: rows[to].id, view: view.form === "figures" ? "" : view.form }));
    trace.reveal(rows[to].id, true);
  }

  function nextError(by) {
    step((span) => span.status === 3, by);
  }

  function match(by) {
    if (view.matches) step(view.matches, by);
  }

  function setPath(isOn) {
    view.path = isOn ? criticalPath(source.spans.roots, source.now()) : null;
    draw();
  }

  function setErrorsFirst(isOn) {
    view.errorsFirst = isOn;
    draw();
  }

  function zoom(factor) {
    if (factor === 0) trace.axis.fit();
    else trace.axis.scale(factor);
    draw();
  }

  function zoomToSpan() {
    const span = source.spans.byId.get(view.chosen ?? trace.focused);
    if (span) trace.zoomTo(span);
    draw();
  }

  const update = async () => {
    view.prices = await pricesOf();
    draw();
  };
  update();
  const forget = onPrices(update);
  const growing = setInterval(() => {
    if (source.run && source.run.finished === null && !document.hidden) soon();
  }, 1000);
  PHONE.addEventListener("change", draw);

  return {
    node,
    keys: [
      { key: "e", does: "next error", run: () => nextError(1) },
      { key: "E", does: "previous error", run: () => nextError(-1) },
      { key: "/", does: "search spans", run: () => bar.focus() },
      { key: "n", does: "next span found", run: () => match(1) },
      { key: "N", does: "previous span found", run: () => match(-1) },
      { key: "c", does: "critical path", run: () => bar.togglePath() },
      { key: "f", does: "errors first", run: () => bar.toggleErrorsFirst() },
      { key: "z", does: "zoom to the span", run: zoomToSpan },
      { key: "+", does: "zoom in", run: () => zoom(0.5) },
      { key: "-", does: "zoom out", run: () => zoom(2) },
      { key: "0", does: "the whole time", run: () => zoom(0) },
      { key: "T", does: "terminate the run", run: () => head.terminate() },
      { key: "ArrowLeft, ArrowRight", does: "collapse or expand a row" },
      { key: "Escape", does: "close the span, then the run", run: () => (view.chosen ? choose(null) : go("/")) },
    ],
    show({ query }) {
      view.chosen = query.get("span");
      view.form = ["tree", "list", "figures"].includes(query.get("view")) ? query.get("view") : "waterfall";
      draw();
    },
    leave() {
      source.stop();
      forget();
      clearTimeout(frame);
      clearInterval(growing);
      PHONE.removeEventListener("change", draw);
    },
  };
}

export { runHref };
