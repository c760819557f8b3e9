// Children are drawn when their parent is opened, so that a payload of megabytes costs only what is looked at.

import { button, element } from "/page/dom.js";
import { compact } from "/page/json_tree.js";
import { count, integer } from "/page/numbers.js";
import { isSensitive, sensitive } from "/page/sensitive.js";
import { visible } from "/page/text.js";

const LINES = 160;
const CHUNK = 100;
const ONE_LINE = 72;
const LONG_TEXT = 4000;
const NUMBERS = 12;

export function jsonView(root) {
  const view = element("div", { class: "json", tabindex: "0", role: "group" });
  view.append(draw(root, null, "", { lines: LINES }));
  return view;
}

// `room.lines` says how many more lines may be drawn at once.
function draw(node, key, after, room) {
  room.lines -= 1;
  const lead = key === null ? [] : [element("span", { class: "key" }, visible(JSON.stringify(key))), ": "];
  if (isSensitive(node)) return line(...lead, sensitive(node, (value) => draw(value, null, after, room)));
  if (node.items === undefined) return scalar(node, lead, after);
  if (node.items.length === 0) return line(...lead, node.type === "array" ? "[]" : "{}", after);
  const short = compact(node, ONE_LINE);
  const isFlat = node.items.every((item) => item.items === undefined || item.items.length === 0);
  if (isFlat && short.length <= ONE_LINE) return line(...lead, ...inline(node), after);
  return container(node, lead, after, room);
}

function line(...parts) {
  return element("div", { class: "line" }, ...parts);
}

function container(node, lead, after, room) {
  const [open, close] = node.type === "array" ? ["[", "]"] : ["{", "}"];
  const children = element("div", { class: "children" });
  const end = line(close, after);
  const preview = element("span", { class: "preview" });
  const fold = element("button", { type: "button", class: "fold", "aria-label": `Fold ${count(node.items.length, "value")}` });
  const head = line(fold, ...lead, open, preview);
  const box = element("div", { class: "container" }, head, children, end);
  const size = count(node.items.length, node.type === "array" ? "item" : "key");
  let drawn = false;
  const set = (isOpen) => {
    fold.setAttribute("aria-expanded", String(isOpen));
    children.hidden = end.hidden = !isOpen;
    preview.replaceChildren(...(isOpen ? [] : [`… ${close}${after} `, element("span", { class: "size" }, size)]));
    if (isOpen && !drawn) {
      drawn = true;
      fill(children, node, 0, room.lines > 0 ? room : { lines: LINES });
    }
  };
  fold.addEventListener("click", () => set(fold.getAttribute("aria-expanded") !== "true"));
  preview.addEventListener("click", () => set(true));
  set(room.lines > 0);
  return box;
}

function fill(children, node, from, room) {
  const { items, keys } = node;
  const isNumbers = node.type === "array" && items.length > NUMBERS && items.every((item) => item.type === "number");
  const to = Math.min(items.length, from + (isNumbers ? CHUNK * 5 : CHUNK));
  const comma = (index) => (index < items.length - 1 ? "," : "");
  if (isNumbers) {
    const text = items.slice(from, to).map((item) => item.text).join(", ");
    children.append(element("div", { class: "line numbers number" }, text + comma(to - 1)));
  } else {
    for (let index = from; index < to; index += 1) children.append(draw(items[index], keys ? keys[index] : null, comma(index), room));
  }
  if (to === items.length) return;
  const more = button(`Show more of ${integer(items.length)} (${integer(items.length - to)} left)`, { class: "plain more" }, () => {
    more.remove();
    fill(children, node, to, { lines: LINES });
  });
  children.append(more);
}

function scalar(node, lead, after) {
  if (node.type !== "string") return line(...lead, element("span", { class: node.type }, node.text), after);
  if (!node.value.includes("\n")) return line(...lead, cut(visible(JSON.stringify(node.value)), "string"), after);
  // Prompts and answers are prose, so a text of several lines becomes a block.
  return element("div", { class: "line" }, ...lead, element("div", { class: "prose" }, cut(visible(`"${node.value}"`), "string"), after));
}

function cut(text, kind) {
  const node = element("span", { class: kind }, text.slice(0, LONG_TEXT));
  if (text.length <= LONG_TEXT) return node;
  const more = button(`Show all ${integer(text.length)} characters`, { class: "plain more" }, () => {
    node.textContent = text;
    more.remove();
  });
  return element("span", {}, node, "… ", more);
}

function inline(node) {
  const isObject = node.type === "object";
  const parts = [isObject ? "{ " : "["];
  node.items.forEach((item, index) => {
    if (index > 0) parts.push(", ");
    if (isObject) parts.push(element("span", { class: "key" }, visible(JSON.stringify(node.keys[index]))), ": ");
    parts.push(element("span", { class: item.type }, visible(compact(item))));
  });
  return [...parts, isObject ? " }" : "]"];
}
