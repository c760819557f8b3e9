import { conversationView, toolView } from "/page/chat_view.js";
import { conversation, toolCall } from "/page/chat.js";
import { copyButton, element, lazyDetails } from "/page/dom.js";
import { errorOf } from "/page/span_error.js";
import { eventsOf, eventsView } from "/page/events.js";
import { jsonView } from "/page/json_view.js";
import { compact, parseTree } from "/page/json_tree.js";
import { bytes } from "/page/numbers.js";
import { schemaView } from "/page/schema.js";
import { hidesEverything, hiddenSection, withoutSensitive } from "/page/sensitive.js";
import { visible } from "/page/text.js";

export function bodyOf(detail) {
  const payload = parseTree(detail.payload);
  const result = detail.result === null ? null : parseTree(detail.result);
  const isHidden = detail.sensitive && hidesEverything(payload, result);
  const open = [withoutSensitive(payload), result && withoutSensitive(result)];
  const error = isHidden ? null : errorOf(detail.status, ...open);
  const parts = isHidden ? [] : [...errorView(error), ...talk(...open), ...eventsView(eventsOf(open[1], open[0]), detail.start)];
  return [...parts, section("Payload", detail.payload, payload, isHidden), section("Result", detail.result, result, isHidden, error?.isWhole), ...schemaView(detail)];
}

function talk(payload, result) {
  const messages = conversation(payload, result);
  if (messages.length > 0) return [conversationView(messages)];
  const tool = toolCall(payload, result);
  return tool ? [toolView(tool)] : [];
}

function errorView(error) {
  if (!error) return [];
  const rest = error.rest.map((line) => `\n${visible(line)}`);
  const body = element("pre", { tabindex: "0" }, element("strong", {}, visible(error.title)), ...rest);
  return [element("section", { class: "error" }, element("h3", {}, "Error"), copyButton("Copy the error", () => [error.title, ...error.rest].join("\n")), body)];
}

function copied(text, tree) {
  return text.includes('"$sensitive"') ? compact(withoutSensitive(tree)) : text;
}

// `isKnown` folds a section whose content the panel shows already.
function section(name, text, tree, isHidden, isKnown = false) {
  if (text === null) return element("section", {}, element("h3", {}, name), element("p", { class: "quiet" }, "none yet"));
  const size = element("span", { class: "size" }, bytes(text.length));
  const title = element("h3", {}, name, " ", text.length > 2000 ? size : "");
  const view = () => {
    const node = jsonView(tree);
    node.setAttribute("aria-label", name);
    return node;
  };
  if (isKnown) return lazyDetails(name, view);
  return element("section", {}, title, copyButton(`Copy the ${name.toLowerCase()}`, () => copied(text, tree)), isHidden ? hiddenSection(view) : view());
}
