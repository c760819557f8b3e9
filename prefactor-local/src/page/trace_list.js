import { element } from "/page/dom.js";
import { timeAxis } from "/page/axis.js";
import { drawSpanRow, newSpanRow } from "/page/span_row.js";
import { endOf, visibleRows } from "/page/spans.js";
import { costOf } from "/page/usage.js";
import { virtualList } from "/page/virtual.js";

const AXIS = 28;

// `view` is read at each drawing: `{ form, errorsFirst, matches, path, prices, chosen, href, now() }`.
export function traceList(scroller, view, open) {
  const axis = timeAxis(() => api.draw());
  const list = element("div", { class: "spans", role: "tree", "aria-label": "Spans" });
  const heading = (name, text) => element("span", { class: name }, text);
  const scale = element("div", { class: "scale" }, heading("offset", "Start"), heading("label", "Span"), axis.labels, heading("tokens", "Tokens"), heading("cost", "Cost"), heading("duration", "Duration"));
  const grid = element("div", { class: "scale grid" }, heading("offset", ""), heading("label", ""), axis.lines, heading("tokens", ""), heading("cost", ""), heading("duration", ""));
  const empty = element("p", { class: "quiet none" });
  const node = element("div", { class: "chart" }, scale, grid, list, empty);
  const collapsed = new Set();
  let rows = [];
  let drawing = null;

  const rowsOf = virtualList(scroller, list, { make: newSpanRow, draw: (node, span) => drawSpanRow(node, span, drawing) });

  // Folding signs are inside the row's link, and must not open it.
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row || !event.target.closest(".fold") || row.getAttribute("aria-expanded") === null) return;
    event.preventDefault();
    event.stopPropagation();
    rowsOf.mark(row.dataset.id);
    toggle(row.dataset.id);
  });
  list.addEventListener("focusin", (event) => rowsOf.mark(event.target.closest(".row")?.dataset.id ?? null));
  list.addEventListener("keydown", (event) => {
    const index = rowsOf.indexOf(event.target.dataset.id);
    if (index < 0 || event.metaKey || event.ctrlKey || event.altKey) return;
    const span = rows[index];
    const page = Math.max(1, Math.floor(scroller.clientHeight / view.rowHeight()) - 2);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -index, End: rows.length };
    if (event.key in steps) focusAt(index + steps[event.key]);
    else if (event.key === "ArrowRight") openOrEnter(span, index);
    else if (event.key === "ArrowLeft") closeOrLeave(span);
    else if (event.key === " ") open(span.id);
    else return;
    event.preventDefault();
  });

  const focusAt = (index) => rowsOf.focus(rows[Math.max(0, Math.min(index, rows.length - 1))].id, AXIS);
  const isFlat = () => view.form === "list";
  const openOrEnter = (span, index) => {
    if (isFlat() || span.children.length === 0) return;
    if (collapsed.has(span.id)) toggle(span.id);
    else focusAt(index + 1);
  };
  const closeOrLeave = (span) => {
    if (isFlat()) return;
    if (span.children.length > 0 && !collapsed.has(span.id)) toggle(span.id);
    else if (span.parent) rowsOf.focus(span.parent.id, AXIS);
  };
  const toggle = (id) => {
    if (!collapsed.delete(id)) collapsed.add(id);
    api.draw();
  };

  const api = {
    node,
    axis,
    draw() {
      const { spans, run, now } = view;
      if (!run) return;
      spans.arrange();
      const extent = spans.extent(run, now());
      axis.setWhole(extent);
      node.dataset.form = view.form;
      drawing = { ...view, flat: isFlat(), collapsed, window: axis.window, first: extent.from, now: now() };
      rows = visibleRows(spans, { flat: isFlat(), errorsFirst: view.errorsFirst, collapsed, matches: view.matches });
      node.toggleAttribute("data-no-tokens", !spans.ordered.some((span) => span.input || span.output));
      node.toggleAttribute("data-no-cost", !spans.ordered.some((span) => costOf(span, view.prices)));
      rowsOf.set(rows, view.rowHeight());
      axis.draw();
      empty.textContent = rows.length > 0 ? "" : view.matches ? "No span matches." : view.isComplete() ? "This run has no spans." : "Reading…";
    },
    get rows() {
      return rows;
    },
    foldAll(isFolded) {
      collapsed.clear();
      if (isFolded) for (const span of view.spans.ordered) if (span.children.length > 0) collapsed.add(span.id);
      api.draw();
    },
    reveal(id, withFocus) {
      const span = view.spans.byId.get(id);
      if (!span) return false;
      let isHidden = false;
      for (let at = span.parent; at; at = at.parent) isHidden = collapsed.delete(at.id) || isHidden;
      if (isHidden) api.draw();
      if (withFocus) rowsOf.focus(id, AXIS);
      else rowsOf.reveal(id, AXIS);
      return true;
    },
    get focused() {
      return rowsOf.focused;
    },
    zoomTo(span) {
      axis.to(span.start, endOf(span, view.now()));
    },
  };
  return api;
}
