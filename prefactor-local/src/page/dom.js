// Nothing here parses markup: recorded text becomes text nodes and attribute values, never elements or scripts.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function button(text, attributes, onClick) {
  const node = element("button", { type: "button", ...attributes }, text);
  node.addEventListener("click", onClick);
  return node;
}

// Only differences are written, so that a refresh neither flickers nor drops a text selection.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export function setChildren(parent, nodes) {
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
  while (next) {
    const surplus = next;
    next = next.nextSibling;
    surplus.remove();
  }
}

const MARKS = { pending: "○", active: "◐", complete: "✓", failed: "✕", cancelled: "–", terminated: "■" };

// Each status has a shape, so that colour is never the only sign.
export function mark(status) {
  const node = element("span", { class: "mark", "aria-hidden": "true" });
  setMark(node, status);
  return node;
}

export function setMark(node, status) {
  setText(node, MARKS[status] ?? "?");
  setAttribute(node, "data-status", status);
}

export function dialog(title, ...children) {
  const close = button("Close", { class: "plain" }, () => node.close());
  const node = element("dialog", { "aria-label": title }, element("header", {}, element("h2", {}, title), close), ...children);
  node.addEventListener("close", () => node.remove());
  node.addEventListener("click", (event) => {
    if (event.target === node) node.close();
  });
  document.body.append(node);
  node.showModal();
  return node;
}

export function copyButton(label, text) {
  const node = button("Copy", { class: "plain", "aria-label": label }, async () => {
    await navigator.clipboard.writeText(text());
    node.textContent = "Copied";
    setTimeout(() => (node.textContent = "Copy"), 1500);
  });
  return node;
}

export function lazyDetails(title, view) {
  const node = element("details", { class: "wide" }, element("summary", {}, title));
  node.addEventListener("toggle", () => node.open && node.children.length === 1 && node.append(view()));
  return node;
}
