// Elements and text. Nothing on this page parses markup: whatever an agent recorded reaches the document
// as a text node or as an attribute of a fixed name, and so cannot become an element or a script.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// Leaves an unchanged node alone, so that a refresh neither flickers nor drops a text selection.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// Makes the children of `parent` equal to `nodes` and moves only what is out of place.
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

// Up, down, home and end move the focus between the links in `list`; enter is the link's own.
export function moveWithArrows(list) {
  list.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    links[Math.max(0, Math.min(to, links.length - 1))].focus();
  });
}

const MARKS = { pending: "○", active: "●", complete: "✓", failed: "✕", cancelled: "–", terminated: "■" };

// A shape for each status, so that colour is never the only sign.
export function mark(status) {
  const node = element("span", { class: "mark", "aria-hidden": "true" });
  setMark(node, status);
  return node;
}

export function setMark(node, status) {
  setText(node, MARKS[status] ?? "?");
  setAttribute(node, "data-status", status);
}
