// The critical path: what the run was waiting for at each moment. It is followed backwards: of the children that have begun, the
// parent waits for the one that ends last; one that overlaps it takes over where it began. Time without a child is the parent's own.

import { endOf } from "/page/spans.js";

// Returns `Map(id → [[from, to], …])`: the parts of each span that lie on the path.
export function criticalPath(roots, now) {
  const path = new Map();
  const add = (span, from, to) => {
    if (to <= from) return;
    if (!path.has(span.id)) path.set(span.id, []);
    path.get(span.id).push([from, to]);
  };
  const waiting = chain(roots, Infinity, now, null).picked;
  while (waiting.length > 0) {
    const { span, from, to } = waiting.pop();
    const { picked, gaps } = chain(span.children, to, now, from);
    for (const [start, end] of gaps) add(span, start, end);
    if (!path.has(span.id)) path.set(span.id, []);
    waiting.push(...picked);
  }
  return path;
}

function chain(spans, to, now, from) {
  const byEnd = [...spans].sort((a, b) => endOf(b, now) - endOf(a, now));
  const picked = [];
  const gaps = [];
  let at = to;
  for (const span of byEnd) {
    const end = endOf(span, now);
    if (from !== null && end <= from) break;
    if (span.start >= at) continue;
    const until = Math.min(end, at);
    if (from !== null && until < at) gaps.push([until, at]);
    picked.push({ span, from: from === null ? span.start : Math.max(span.start, from), to: until });
    at = from === null ? span.start : Math.max(span.start, from);
    if (from !== null && at <= from) break;
  }
  if (from !== null && at > from) gaps.push([from, at]);
  return { picked, gaps };
}
