// Only the rows in sight are drawn, so that 100,000 rows scroll like fifty. All rows have one height.

import { setChildren } from "/page/dom.js";

const AROUND = 12;

// The row with the focus stays drawn out of sight, because removing it would lose the focus.
export function virtualList(scroller, list, { make, draw }) {
  let items = [];
  let height = 26;
  let focused = null;
  const drawn = new Map();
  const spare = [];
  let frame = 0;

  const range = () => {
    const top = scroller.scrollTop - list.offsetTop;
    const first = Math.max(0, Math.floor(top / height) - AROUND);
    return [first, Math.min(items.length, Math.ceil((top + scroller.clientHeight) / height) + AROUND)];
  };

  const put = (index, keep) => {
    const item = items[index];
    keep.add(item.id);
    let node = drawn.get(item.id);
    if (!node) {
      node = spare.pop() ?? make();
      drawn.set(item.id, node);
      node.dataset.id = item.id;
    }
    node.style.transform = `translateY(${index * height}px)`;
    node.setAttribute("aria-posinset", index + 1);
    node.setAttribute("aria-setsize", items.length);
    node.tabIndex = (focused ?? items[0].id) === item.id ? 0 : -1;
    draw(node, item, index);
    return node;
  };

  // Nodes stay in list order, because a screen reader reads them in that order.
  const render = () => {
    frame = 0;
    const keep = new Set();
    const nodes = [];
    const [first, last] = range();
    for (let index = first; index < last; index += 1) nodes.push(put(index, keep));
    const away = focused === null ? -1 : api.indexOf(focused);
    if (away >= 0 && away < first) nodes.unshift(put(away, keep));
    if (away >= last) nodes.push(put(away, keep));
    for (const [id, node] of drawn) {
      if (keep.has(id)) continue;
      drawn.delete(id);
      node.remove();
      if (spare.length < 100) spare.push(node);
    }
    const active = document.activeElement;
    setChildren(list, nodes);
    if (active !== document.activeElement && list.contains(active)) active.focus({ preventScroll: true });
  };

  const api = {
    set(rows, rowHeight) {
      items = rows;
      height = rowHeight;
      list.style.height = `${rows.length * height}px`;
      render();
    },
    redraw() {
      frame ||= requestAnimationFrame(render);
    },
    indexOf: (id) => items.findIndex((item) => item.id === id),
    item: (index) => items[index],
    get focused() {
      return focused;
    },
    // `margin` is the height of what covers the top, such as a sticky axis.
    reveal(id, margin = 0) {
      const index = api.indexOf(id);
      if (index < 0) return false;
      const top = list.offsetTop + index * height;
      const view = scroller.scrollTop;
      if (top < view + margin) scroller.scrollTop = top - margin - height;
      else if (top + height > view + scroller.clientHeight) scroller.scrollTop = top + 2 * height - scroller.clientHeight;
      render();
      return true;
    },
    focus(id, margin) {
      focused = id;
      if (api.reveal(id, margin)) drawn.get(id)?.focus({ preventScroll: true });
    },
    mark(id) {
      focused = id;
    },
  };
  scroller.addEventListener("scroll", api.redraw, { passive: true });
  new ResizeObserver(api.redraw).observe(scroller);
  return api;
}
