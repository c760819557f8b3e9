import { element, mark, setAttribute, setMark, setText } from "/page/dom.js";
import { family } from "/page/kinds.js";
import { money, tokens } from "/page/numbers.js";
import { endOf, STATUS } from "/page/spans.js";
import { oneLine } from "/page/text.js";
import { duration } from "/page/time.js";
import { costOf } from "/page/usage.js";

// Steps of indentation shrink with depth and end at last; a row below the wide ones shows its level as a number.
const WIDE = 10;
const NARROW = 30;

export function newSpanRow() {
  const part = (name) => element("span", { class: name });
  const row = {
    fold: part("fold"), mark: mark("pending"), level: part("level"), kind: part("kind"), name: part("name"), text: part("text"),
    offset: part("offset number"), bar: part("bar"), segments: part("segments"), tokens: part("tokens number"), cost: part("cost number"), duration: part("duration number"),
  };
  const label = element("span", { class: "label" }, row.fold, row.mark, row.level, row.kind, row.name, row.text);
  const node = element("a", { class: "row", role: "treeitem", "data-go": "" }, row.offset, label, element("span", { class: "track" }, row.bar, row.segments), row.tokens, row.cost, row.duration);
  node.parts = { ...row, label };
  return node;
}

// `view` is `{ href, flat, collapsed, chosen, window, now, first, path, prices, matches }`.
export function drawSpanRow(node, span, view) {
  const row = node.parts;
  const status = STATUS[span.status];
  const end = endOf(span, view.now);
  const lasted = span.status === 0 ? "" : duration(end - span.start);
  const depth = view.flat ? 0 : span.depth;
  const canFold = !view.flat && span.children.length > 0;
  const isOpen = !view.collapsed.has(span.id);
  const detail = span.error ? oneLine(span.error) : oneLine(span.text ?? "");
  setAttribute(node, "href", view.href(span.id));
  setAttribute(node, "data-family", family(span.kind));
  setAttribute(node, "data-status", status);
  setAttribute(node, "data-lost", span.kind === "prefactor:lost" ? "" : null);
  setAttribute(node, "aria-current", span.id === view.chosen ? "true" : null);
  setAttribute(node, "aria-level", String(depth + 1));
  setAttribute(node, "aria-expanded", canFold ? String(isOpen) : null);
  setAttribute(node, "aria-label", `${span.kind}${span.name ? `, ${oneLine(span.name)}` : ""}${detail ? `, ${detail}` : ""}, level ${depth + 1}, ${status}, ${lasted}`);
  setAttribute(node, "data-path", view.path?.has(span.id) ? "" : null);
  setAttribute(node, "data-dim", view.matches && !view.matches(span) ? "" : null);
  setText(row.fold, canFold ? (isOpen ? "▾" : "▸") : "");
  setMark(row.mark, status);
  setText(row.level, depth >= WIDE ? String(depth + 1) : "");
  setText(row.kind, oneLine(span.kind));
  setText(row.name, oneLine(span.name ?? ""));
  setText(row.text, detail);
  setText(row.offset, view.flat ? `+${duration(span.start - view.first)}` : "");
  setText(row.duration, lasted);
  const used = (span.input ?? 0) + (span.output ?? 0);
  setText(row.tokens, used > 0 ? tokens(used) : "");
  const cost = costOf(span, view.prices);
  setText(row.cost, cost ? money(cost) : "");
  setAttribute(row.label, "title", [span.kind, span.name, detail].filter(Boolean).join("  ·  "));
  row.label.style.setProperty("--indent", `${14 * Math.min(depth, WIDE) + 4 * Math.min(Math.max(depth - WIDE, 0), NARROW)}px`);
  place(row.bar, span.start, end, view.window);
  drawSegments(row.segments, view.path?.get(span.id) ?? [], view.window);
}

function drawSegments(box, parts, window) {
  while (box.children.length > parts.length) box.lastChild.remove();
  while (box.children.length < parts.length) box.append(element("span", {}));
  parts.forEach(([from, to], index) => place(box.children[index], from, to, window));
}

function place(node, from, to, window) {
  const length = window.to - window.from;
  const left = Math.max(0, (from - window.from) / length);
  const right = Math.min(1, (to - window.from) / length);
  node.hidden = left > 1 || right < 0;
  node.style.left = `${(Math.min(left, 1) * 100).toFixed(3)}%`;
  node.style.width = `${(Math.max(0, right - left) * 100).toFixed(3)}%`;
}
