import { button, copyButton, element, mark } from "/page/dom.js";
import { family } from "/page/kinds.js";
import { get } from "/page/server.js";
import { bodyOf } from "/page/span_body.js";
import { endOf, STATUS } from "/page/spans.js";
import { oneLine, visible } from "/page/text.js";
import { duration, exactly } from "/page/time.js";

// `opened` is called when the panel has taken its room.
export function spanPanel({ close, opened }) {
  const node = element("aside", { class: "panel", "aria-label": "Span", tabindex: "-1", hidden: "" });
  let shown = null;

  // `isComplete` tells whether all spans of the run are known.
  async function show(id, span, isComplete) {
    const isOrphan = Boolean(isComplete && span?.parentId && !span.parent);
    const version = id && `${id} ${span?.status} ${span?.end} ${isOrphan}`;
    if (shown === version) return;
    const isNew = !shown?.startsWith(id);
    shown = version;
    if (!id) {
      node.hidden = true;
      node.replaceChildren();
      return;
    }
    const detail = await get(`/page/spans/${encodeURIComponent(id)}`).catch(() => null);
    if (shown !== version) return;
    // A failed read is repeated with the next change of the run.
    if (!detail) shown = null;
    const top = node.scrollTop;
    node.replaceChildren(...(detail ? parts(detail, isOrphan, close) : [element("p", { class: "quiet" }, "This span is not stored.")]));
    const wasHidden = node.hidden;
    node.hidden = false;
    if (wasHidden) opened();
    node.scrollTop = isNew ? 0 : top;
  }
  return { node, show };
}

function parts(detail, isOrphan, close) {
  const head = headOf(detail, isOrphan, close);
  try {
    return [head, ...bodyOf(detail)];
  } catch (error) {
    // A payload of an unforeseen shape is shown as text instead.
    console.info("the payload is shown as text:", error);
    const raw = (name, text) => element("section", {}, element("h3", {}, name), element("pre", {}, visible(text ?? "none yet")));
    return [head, raw("Payload", detail.payload), raw("Result", detail.result)];
  }
}

function headOf(detail, isOrphan, close) {
  const status = STATUS[detail.status];
  const facts = element("dl", { class: "facts" });
  const fact = (name, value, kind) => value && facts.append(element("div", {}, element("dt", {}, name), element("dd", { class: kind ?? "" }, value)));
  fact("Status", status);
  fact("Duration", detail.end === null ? "" : duration(endOf(detail, 0) - detail.start), "number");
  fact("Started", exactly(detail.start), "number");
  fact("Parent", isOrphan ? "is not stored here" : "");
  const link = new URL(location.href);
  const buttons = element("span", { class: "actions" }, copyButton("Copy a link to this span", () => link.href), button("Close", { class: "plain", "aria-label": "Close the span" }, close));
  buttons.firstChild.textContent = "Copy link";
  const title = detail.title && detail.title !== detail.kind ? [element("p", { class: "quiet" }, oneLine(detail.title))] : [];
  const name = detail.name ? [element("p", { class: "span-name" }, oneLine(detail.name))] : [];
  const summary = detail.summary ? [element("p", { class: "summary" }, visible(detail.summary))] : [];
  const kind = element("h2", { class: "family", "data-family": family(detail.kind) }, oneLine(detail.kind));
  const ids = element("p", { class: "ids" }, element("code", {}, detail.id), copyButton("Copy the span's id", () => detail.id));
  return element("header", {}, element("div", { class: "heading" }, mark(status), kind, buttons), ...name, ...title, ...summary, facts, ids);
}
