// A scene offers `[{ key, does, run }]`; keys typed into a field are the field's.

import { dialog, element } from "/page/dom.js";

const SHOWN = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Enter: "Enter" };
// Lists and rows handle these keys themselves.
const LISTS = [
  { key: "ArrowUp, ArrowDown, Home, End", does: "move between rows" },
  { key: "Enter", does: "open a row" },
];

export function watchKeys(keys, home) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const isField = event.target.matches?.("input:not([type=checkbox]), select, textarea");
    if (isField) {
      // The browser's own answer empties a search field without an event: the search would stay in force without its words.
      if (event.key === "Escape") {
        event.preventDefault();
        event.target.blur();
      }
      return;
    }
    if (event.key === "?") return void openHelp(keys());
    if (event.key === "h") return void home();
    const found = keys().find((entry) => entry.key === event.key && entry.run);
    if (!found) return;
    event.preventDefault();
    found.run();
  });
}

export function openHelp(keys) {
  const list = element("dl", { class: "keys" });
  for (const { key, does } of [...keys, ...LISTS, { key: "h", does: "all runs" }, { key: "?", does: "this help" }]) {
    const caps = key.split(", ").map((part) => element("kbd", {}, SHOWN[part] ?? part));
    list.append(element("dt", {}, ...caps), element("dd", {}, does));
  }
  dialog("Keyboard", list);
}

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
