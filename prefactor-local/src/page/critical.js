// The critical path: the parts of spans without which the run would have ended earlier. It is followed backwards:
// the child that ended last is what its parent waited for; the time between children is the parent's own.

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
    // Nothing waited for a child that began after this point, or that overlaps the one picked before.
    if (span.start >= at || end > at && picked.length > 0) continue;
    const until = Math.min(end, at);
    if (from !== null && until < at) gaps.push([until, at]);
    picked.push({ span, from: from === null ? span.start : Math.max(span.start, from), to: until });
    at = from === null ? span.start : Math.max(span.start, from);
    if (from !== null && at <= from) break;
  }
  if (from !== null && at > from) gaps.push([from, at]);
  return { picked, gaps };
}
