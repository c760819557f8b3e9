// The agent marks a sensitive value as `{"$sensitive": "string", "value": …, "labels": […]}`.

import { button, element } from "/page/dom.js";
import { member, stringOf } from "/page/json_tree.js";
import { visible } from "/page/text.js";

export function isSensitive(node) {
  return member(node, "$sensitive") !== undefined;
}

export function sensitive(node, draw) {
  const labels = (member(node, "labels")?.items ?? []).map(stringOf).filter(Boolean).map(visible);
  const value = member(node, "value");
  const what = labels.length > 0 ? `sensitive: ${labels.join(", ")}` : "sensitive";
  const place = element("span", { class: "sensitive" }, "••••••", element("span", { class: "size" }, what));
  if (value === undefined) return place;
  const show = button("Show", { class: "plain", "aria-label": `Show the ${what} value` }, () => place.replaceChildren(draw(value)));
  place.append(show);
  return place;
}

export function withoutSensitive(root) {
  const hidden = { type: "string", value: "••••••" };
  const copy = (node) => {
    if (isSensitive(node)) return hidden;
    return node.items === undefined ? node : { ...node, items: [...node.items] };
  };
  const top = copy(root);
  const waiting = [top];
  while (waiting.length > 0) {
    const node = waiting.pop();
    node.items?.forEach((item, index) => {
      node.items[index] = copy(item);
      waiting.push(node.items[index]);
    });
  }
  return top;
}

// A span that is flagged but marks no value may be sensitive as a whole.
export function hidesEverything(...trees) {
  const waiting = trees.filter(Boolean);
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isSensitive(node)) return false;
    if (node.items) waiting.push(...node.items.slice(0, 10_000));
  }
  return true;
}

export function hiddenSection(view) {
  const place = element("p", { class: "sensitive" }, "•••••• ", element("span", { class: "size" }, "recorded as sensitive"));
  place.append(button("Show", { class: "plain", "aria-label": "Show the sensitive value" }, () => place.replaceWith(view())));
  return place;
}
