import { element } from "/page/dom.js";
import { jsonView } from "/page/json_view.js";
import { compact, parseTree } from "/page/json_tree.js";
import { oneLine, visible } from "/page/text.js";

const LONG = 3000;

export function conversationView(messages) {
  const list = element("ol", { class: "chat" });
  for (const { role, name, parts } of messages) {
    const head = element("p", { class: "role" }, oneLine(role), name ? element("span", { class: "quiet" }, ` ${oneLine(name)}`) : "");
    list.append(element("li", { "data-role": role.toLowerCase() }, head, ...parts.map(partView)));
  }
  return element("section", { class: "wide" }, element("h3", {}, "Conversation"), list);
}

export function toolView({ call, output }) {
  const parts = [partView(call)];
  if (output !== undefined) parts.push(partView({ type: "result", value: output }));
  return element("section", { class: "wide" }, element("h3", {}, "Tool call"), element("div", { class: "chat single" }, ...parts));
}

function partView(part) {
  if (part.type === "text") return said(part.text);
  if (part.type === "call") return callView(part);
  if (part.type === "result") return resultView(part.value);
  return element("div", { class: "block" }, element("span", { class: "quiet" }, oneLine(part.kind)), jsonView(part.value));
}

function said(text) {
  if (text.length <= LONG) return element("p", { class: "said" }, visible(text));
  // The question of a long prompt is at its end, so the middle is cut.
  const half = Math.floor(LONG / 2);
  const node = element("p", { class: "said" }, visible(text.slice(0, half)), " ");
  const more = element("button", { type: "button", class: "plain more" }, `… ${text.length - 2 * half} more characters …`);
  more.addEventListener("click", () => (node.textContent = visible(text)));
  node.append(more, " ", visible(text.slice(-half)));
  return node;
}

// A call looks like `get_weather(city: "Berlin")`; large arguments follow as JSON.
function callView({ name, value }) {
  const isShort = value?.items === undefined || compact(value, 200).length < 120;
  const args = !isShort || value === undefined ? [] : argumentsOf(value);
  const line = element("p", { class: "call" }, element("span", { class: "callee" }, oneLine(name)), "(", ...args, isShort ? ")" : "…)");
  return isShort ? line : element("div", {}, line, jsonView(value));
}

function argumentsOf(node) {
  if (node.type !== "object") return [visible(compact(node))];
  return node.items.flatMap((item, index) => [index > 0 ? ", " : "", element("span", { class: "key" }, visible(node.keys[index])), ": ", element("span", { class: item.type }, visible(compact(item)))]);
}

function resultView(value) {
  const tree = value?.type === "string" && /^\s*[[{]/.test(value.value) ? parseTree(value.value) : value;
  if (tree?.type === "string") return element("div", { class: "result" }, said(tree.value));
  return element("div", { class: "result" }, tree === undefined ? element("p", { class: "quiet" }, "nothing") : jsonView(tree));
}
