import { element, setChildren } from "/page/dom.js";
import { duration, ticks } from "/page/time.js";

const LABEL_WIDTH = 72;
const CLOSEST = 10;

export function timeAxis(changed) {
  const labels = element("div", { class: "axis", "aria-hidden": "true" });
  const lines = element("div", { class: "lines", "aria-hidden": "true" });
  const selection = element("div", { class: "selection", hidden: "" });
  let whole = { from: 0, to: 1 };
  let zoomed = null;
  let begun = null;

  const current = () => zoomed ?? whole;
  const at = (event) => {
    const box = labels.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const zoom = (from, to) => {
    if (to - from < CLOSEST) return;
    const isAll = from <= whole.from && to >= whole.to;
    zoomed = isAll ? null : { from: Math.max(from, whole.from), to: Math.min(to, whole.to) };
    changed();
  };
  labels.addEventListener("pointerdown", (event) => {
    begun = at(event);
    labels.setPointerCapture(event.pointerId);
  });
  labels.addEventListener("pointermove", (event) => {
    if (begun === null) return;
    const [left, right] = [begun, at(event)].sort((a, b) => a - b);
    selection.hidden = false;
    selection.style.left = `${left * 100}%`;
    selection.style.width = `${(right - left) * 100}%`;
  });
  labels.addEventListener("pointerup", (event) => {
    const [left, right] = [begun, at(event)].sort((a, b) => a - b);
    begun = null;
    selection.hidden = true;
    const { from, to } = current();
    if (right - left > 0.01) zoom(from + left * (to - from), from + right * (to - from));
  });
  labels.addEventListener("dblclick", () => api.fit());

  const api = {
    labels,
    lines,
    get window() {
      return current();
    },
    get isZoomed() {
      return zoomed !== null;
    },
    setWhole(extent) {
      whole = extent;
    },
    // A factor of 0.5 shows half as much time, around the middle or around `around`.
    scale(factor, around) {
      const { from, to } = current();
      const middle = around ?? (from + to) / 2;
      zoom(middle - (middle - from) * factor, middle + (to - middle) * factor);
    },
    to(from, to) {
      const margin = Math.max((to - from) * 0.05, CLOSEST);
      zoom(from - margin, to + margin);
    },
    fit() {
      zoomed = null;
      changed();
    },
    draw() {
      const { from, to } = current();
      const room = Math.max(1, Math.min(8, Math.floor(labels.clientWidth / LABEL_WIDTH)));
      const marks = ticks(from - whole.from, to - whole.from, room);
      const share = (mark) => (mark + whole.from - from) / (to - from);
      const placed = (text, mark) => {
        const node = element("span", {}, text);
        node.style.left = `${(share(mark) * 100).toFixed(3)}%`;
        return node;
      };
      // A label at the very end would be cut off.
      const words = marks.filter((mark) => share(mark) < 0.92).map((mark) => placed(mark === 0 ? "0" : duration(mark).replace(/\.0+ /, " "), mark));
      setChildren(labels, [...words, selection]);
      setChildren(lines, marks.map((mark) => placed("", mark)));
    },
  };
  new ResizeObserver(() => api.draw()).observe(labels);
  return api;
}
