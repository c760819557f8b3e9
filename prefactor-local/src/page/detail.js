// The chosen span: what went in, what came out, and what went wrong.

import { element, mark, setChildren } from "/page/dom.js";
import { formatted, visible } from "/page/json.js";
import { clock, duration, micros } from "/page/time.js";

// Larger payloads are drawn in part first: laying out megabytes of text would stop the page.
const AT_ONCE = 200_000;
const panel = document.getElementById("detail");

let shown = null;

// `payloads` fetches the texts of a span; they change only when the span does.
export async function drawDetail(span, closeHref, payloads) {
  const version = span && `${span.id} ${span.updated_at}`;
  if (shown === version) return;
  if (!span) {
    shown = null;
    panel.hidden = true;
    return;
  }
  const isNew = !shown?.startsWith(span.id);
  const { payload, result_payload: result } = await payloads(span.id);
  shown = version;
  const top = panel.scrollTop;
  setChildren(panel, [...head(span, closeHref), ...error(span, payload, result), section("Payload", payload), section("Result", result)]);
  panel.hidden = false;
  panel.scrollTop = isNew ? 0 : top;
}

function head(span, closeHref) {
  const close = element("a", { class: "close", href: closeHref, "aria-label": "Close" }, "Close");
  const title = span.schema_title && span.schema_title !== span.schema_name ? [element("p", { class: "facts" }, span.schema_title)] : [];
  const facts = element("dl", {});
  const fact = (name, value, kind) => facts.append(element("dt", {}, name), element("dd", { class: kind }, value));
  fact("Status", span.status, "");
  if (span.started_at) fact("Started", `${clock(micros(span.started_at))}${span.started_at.slice(19, 26)}`, "number");
  if (span.finished_at) fact("Duration", duration(micros(span.finished_at) - micros(span.started_at)), "number");
  fact("Id", span.id, "mono");
  if (span.parent_span_id) fact("Parent", span.parent_span_id, "mono");
  return [close, element("div", { class: "title" }, mark(span.status), element("h2", {}, span.schema_name)), ...title, facts];
}

// Integrations put errors in the result or in the payload, as an object or as text.
function error(span, payload, result) {
  const candidates = [parsed(result)?.error, parsed(payload)?.error];
  if (span.status === "failed") candidates.push(parsed(result));
  const found = candidates.find((error) => typeof error === "string" || error?.message || error?.error_type);
  if (!found) return [];
  const { error_type: type = "", message = "", stacktrace = "" } = typeof found === "string" ? { message: found } : found;
  const lines = [type, message, stacktrace].filter(Boolean).map((text) => visible(String(text)));
  const [first, ...rest] = lines;
  const body = element("pre", { tabindex: "0" }, element("strong", {}, first), ...rest.map((text) => `\n${text}`));
  return [element("section", { class: "error" }, element("h3", {}, "Error"), body)];
}

function section(name, text) {
  if (text === null) return element("section", {}, element("h3", {}, name), element("p", { class: "none" }, "none yet"));
  const copy = element("button", { type: "button", "aria-label": `Copy ${name.toLowerCase()}` }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = "Copied";
  });
  const body = element("pre", { tabindex: "0" }, formatted(text.slice(0, AT_ONCE)));
  const parts = [element("h3", {}, name), copy, body];
  if (text.length > AT_ONCE) {
    const rest = element("button", { type: "button", class: "rest" }, `Show all ${Math.round(text.length / 1000)} kB`);
    rest.addEventListener("click", () => {
      body.replaceChildren(formatted(text));
      rest.remove();
    });
    parts.push(rest);
  }
  return element("section", {}, ...parts);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
