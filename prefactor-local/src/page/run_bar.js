import { button, element, setAttribute, setText } from "/page/dom.js";
import { count } from "/page/numbers.js";

const VIEWS = { waterfall: "Waterfall", tree: "Tree", list: "List", figures: "Figures" };

// `on` holds a function for each tool: view, search, match, error, path, errorsFirst, fold, zoom.
export function runBar(on) {
  const views = Object.entries(VIEWS).map(([name, text]) => button(text, { "data-view": name, role: "tab" }, () => on.view(name)));
  const search = element("input", { type: "search", placeholder: "Search spans", "aria-label": "Search the spans of this run", autocomplete: "off", spellcheck: "false" });
  const found = element("span", { class: "quiet number", role: "status" });
  const errors = element("span", { class: "errors" });
  const errorCount = element("span", { class: "number" });
  errors.append(errorCount, button("‹", { class: "plain", "aria-label": "Previous error" }, () => on.error(-1)), button("›", { class: "plain", "aria-label": "Next error" }, () => on.error(1)));
  const toggle = (text, title, run) => {
    const node = button(text, { class: "toggle", "aria-pressed": "false", title }, () => {
      node.setAttribute("aria-pressed", String(node.getAttribute("aria-pressed") !== "true"));
      run(node.getAttribute("aria-pressed") === "true");
    });
    return node;
  };
  const path = toggle("Critical path", "Mark the spans that decided how long the run took", on.path);
  const errorsFirst = toggle("Errors first", "Put failed spans, and the spans around them, first", on.errorsFirst);
  const folds = element("span", { class: "group folds" }, button("Collapse", { class: "plain", "aria-label": "Collapse all spans" }, () => on.fold(true)), button("Expand", { class: "plain", "aria-label": "Expand all spans" }, () => on.fold(false)));
  const zooms = element("span", { class: "group zooms" }, button("−", { class: "plain", "aria-label": "Zoom out" }, () => on.zoom(2)), button("+", { class: "plain", "aria-label": "Zoom in" }, () => on.zoom(0.5)), button("Fit", { class: "plain", "aria-label": "Show the whole time" }, () => on.zoom(0)));
  const node = element("div", { class: "bar-tools", role: "toolbar", "aria-label": "Trace" }, element("span", { class: "tabs", role: "tablist", "aria-label": "View" }, ...views), search, found, errors, path, errorsFirst, folds, zooms);
  let typing = null;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => on.search(search.value.trim()), 200);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") on.match(event.shiftKey ? -1 : 1);
  });

  return {
    node,
    focus: () => search.focus(),
    togglePath: () => path.click(),
    toggleErrorsFirst: () => errorsFirst.click(),
    draw({ view, failed, matched, isZoomed }) {
      for (const tab of views) setAttribute(tab, "aria-selected", String(tab.dataset.view === view));
      node.dataset.view = view;
      errors.hidden = failed === 0;
      setText(errorCount, count(failed, "error"));
      setText(found, matched === null ? "" : `${matched} found`);
      setAttribute(zooms, "data-zoomed", isZoomed ? "" : null);
    },
  };
}
