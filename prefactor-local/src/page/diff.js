// Differences of two span trees or of two lists of lines, by the longest common subsequence.

// Larger pairs of lists are matched in their order instead.
const MOST = 4_000_000;

// Returns `{ id, a, b, depth, kind }` in tree order; `kind` is "same", "changed", "left" or "right".
export function compareTrees(left, right) {
  const pairs = [];
  const waiting = [{ left, right, depth: 0 }];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next.pair) {
      pairs.push(next.pair);
      continue;
    }
    const { depth } = next;
    const steps = [];
    for (const [a, b] of align(next.left, next.right, keyOf)) {
      const pair = { id: `${a?.id ?? ""} ${b?.id ?? ""}`, a, b, depth, kind: kindOf(a, b) };
      steps.push({ pair }, { left: a?.children ?? [], right: b?.children ?? [], depth: depth + 1 });
    }
    for (let index = steps.length - 1; index >= 0; index -= 1) waiting.push(steps[index]);
  }
  return pairs;
}

function keyOf(span) {
  return `${span.kind}\n${span.name ?? ""}`;
}

function kindOf(a, b) {
  if (!b) return "left";
  if (!a) return "right";
  return a.status === b.status && a.error === b.error && a.content === b.content ? "same" : "changed";
}

export function lineDiff(left, right) {
  return align(left, right, (line) => line).flatMap(([a, b]) => {
    if (a === undefined || a === null) return [{ sign: "+", text: b }];
    if (b === undefined || b === null) return [{ sign: "−", text: a }];
    return [{ sign: " ", text: a }];
  });
}

export function align(left, right, keyOf) {
  let begin = 0;
  const [a, b] = [left.map(keyOf), right.map(keyOf)];
  while (begin < a.length && begin < b.length && a[begin] === b[begin]) begin += 1;
  let [endA, endB] = [a.length, b.length];
  while (endA > begin && endB > begin && a[endA - 1] === b[endB - 1]) [endA, endB] = [endA - 1, endB - 1];
  const pairs = [];
  for (let index = 0; index < begin; index += 1) pairs.push([left[index], right[index]]);
  pairs.push(...between(left.slice(begin, endA), right.slice(begin, endB), a.slice(begin, endA), b.slice(begin, endB)));
  for (let index = 0; endA + index < a.length; index += 1) pairs.push([left[endA + index], right[endB + index]]);
  return pairs;
}

function between(left, right, a, b) {
  if (a.length * b.length > MOST) return [...left.map((item) => [item, null]), ...right.map((item) => [null, item])];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const pairs = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) pairs.push([left[i++], right[j++]]);
    else if (j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) pairs.push([left[i++], null]);
    else pairs.push([null, right[j++]]);
  }
  return pairs;
}
