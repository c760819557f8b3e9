export const STATUS = ["pending", "active", "complete", "failed", "cancelled"];

// These are the columns of a row, in the order in which the server writes them.
const COLUMNS = ["seq", "id", "parentId", "kind", "status", "start", "end", "name", "text", "error", "model", "input", "output", "cached", "cost", "content"];

export class Spans {
  byId = new Map();
  ordered = [];
  roots = [];
  failed = 0;
  open = 0;
  isStale = false;

  get size() {
    return this.byId.size;
  }

  put(rows) {
    for (const row of rows) {
      const span = this.byId.get(row[1]) ?? { id: row[1] };
      COLUMNS.forEach((name, index) => (span[name] = row[index] ?? null));
      this.byId.set(span.id, span);
    }
    this.isStale = true;
  }

  // A span whose parent is not stored is a root.
  arrange() {
    if (!this.isStale) return;
    this.isStale = false;
    this.ordered = [...this.byId.values()].sort((a, b) => a.start - b.start || a.seq - b.seq);
    this.failed = 0;
    this.open = 0;
    for (const span of this.ordered) {
      span.children = [];
      span.parent = null;
      span.depth = -1;
      span.hasFailure = false;
      if (span.status === 3) this.failed += 1;
      if (span.status === 1) this.open += 1;
    }
    this.roots = [];
    for (const span of this.ordered) {
      const parent = this.byId.get(span.parentId);
      if (parent && parent !== span) {
        parent.children.push(span);
        span.parent = parent;
      } else this.roots.push(span);
    }
    this.#measure();
    for (const span of this.ordered) {
      if (span.status !== 3) continue;
      for (let at = span; at && !at.hasFailure; at = at.parent) at.hasFailure = true;
    }
  }

  // Spans that no root leads to form a cycle of parents; one of them becomes a root.
  #measure() {
    const descend = (root) => {
      const waiting = [root];
      root.depth = 0;
      while (waiting.length > 0) {
        const span = waiting.pop();
        for (const child of span.children) {
          if (child.depth >= 0) continue;
          child.depth = span.depth + 1;
          waiting.push(child);
        }
      }
    };
    this.roots.forEach(descend);
    for (const span of this.ordered) {
      if (span.depth >= 0) continue;
      const siblings = span.parent.children;
      siblings.splice(siblings.indexOf(span), 1);
      span.parent = null;
      this.roots.push(span);
      descend(span);
    }
  }

  extent(run, now) {
    let from = run.started ?? Infinity;
    let to = run.finished ?? 0;
    for (const span of this.ordered) {
      from = Math.min(from, span.start);
      to = Math.max(to, endOf(span, now));
    }
    if (from === Infinity) from = run.registered;
    return { from, to: Math.max(to, from + 1) };
  }
}

export function endOf(span, now) {
  if (span.end !== null) return Math.max(span.start, span.end);
  return span.status === 1 ? Math.max(span.start, now) : span.start;
}

// `matches` (or null) keeps what it accepts, in a tree with the ancestors.
export function visibleRows(spans, { flat, errorsFirst, collapsed, matches }) {
  const first = (list) => (errorsFirst ? [...list].sort((a, b) => rank(a, flat) - rank(b, flat)) : list);
  if (flat) return first(matches ? spans.ordered.filter(matches) : spans.ordered);
  const wanted = matches && withAncestors(spans.ordered.filter(matches));
  const rows = [];
  const waiting = [...first(spans.roots)].reverse();
  while (waiting.length > 0) {
    const span = waiting.pop();
    if (wanted && !wanted.has(span)) continue;
    rows.push(span);
    if (collapsed.has(span.id) && !wanted) continue;
    const children = first(span.children);
    for (let index = children.length - 1; index >= 0; index -= 1) waiting.push(children[index]);
  }
  return rows;
}

function rank(span, flat) {
  if (span.status === 3) return 0;
  return !flat && span.hasFailure ? 1 : 2;
}

function withAncestors(found) {
  const wanted = new Set();
  for (const span of found) {
    for (let at = span; at && !wanted.has(at); at = at.parent) wanted.add(at);
  }
  return wanted;
}

export function descendants(span) {
  let total = 0;
  const waiting = [...span.children];
  while (waiting.length > 0) {
    total += 1;
    waiting.push(...waiting.pop().children);
  }
  return total;
}
