// These modules of the page draw nothing, so they are tested on cases with known answers.

import { close, open } from "../browser.mjs";
import { DESKTOP } from "../page.mjs";

export async function play(browser) {
  const page = await open(browser, DESKTOP, "/");
  const failures = await page.evaluate(async () => {
    const load = async (name) => import(`/page/${name}.js`);
    const found = [];
    const equal = (what, seen, expected) => {
      if (JSON.stringify(seen) !== JSON.stringify(expected)) found.push(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
    };

    const { compact, member, parseTree } = await load("json_tree");
    for (const text of ['{"a": 1.10, "b": [true, null, "x\\"y"], "a": {}}', "[]", '"\\\\"', "-1e-7"]) equal("compact", compact(parseTree(text)), text);
    equal("number", member(parseTree('{"n": 12345678901234567890.10}'), "n").text, "12345678901234567890.10");
    equal("repeated key", member(parseTree('{"a":1,"a":2}'), "a").text, "2");
    for (const text of ["{", "[1,]", '{"a" 1}', "tru", '"open', "1 2", ""]) equal("not JSON", parseTree(text), { type: "string", value: text });
    let depth = 0;
    for (let node = parseTree("[".repeat(200_000) + "]".repeat(200_000)); node; node = node.items[0]) depth += 1;
    equal("depth", depth, 200_000);

    const { Spans, visibleRows } = await load("spans");
    const row = (seq, id, parent, start, end, status = 2) => [seq, id, parent, "k", status, start, end];
    const spans = new Spans();
    spans.put([row(3, "c", "b", 30, 40, 3), row(1, "a", null, 10, 100), row(2, "b", "a", 20, 60), row(4, "x", "gone", 5, 6), row(5, "p", "q", 70, 80), row(6, "q", "p", 70, 80)]);
    spans.arrange();
    const ids = (options) => visibleRows(spans, { flat: false, errorsFirst: false, collapsed: new Set(), matches: null, ...options }).map((span) => span.id + span.depth);
    equal("tree", ids({}), ["x0", "a0", "b1", "c2", "p0", "q1"]);
    equal("collapsed", ids({ collapsed: new Set(["a"]) }), ["x0", "a0", "p0", "q1"]);
    equal("errors first", ids({ errorsFirst: true }), ["a0", "b1", "c2", "x0", "p0", "q1"]);
    equal("match with ancestors", ids({ matches: (span) => span.id === "c" }), ["a0", "b1", "c2"]);
    equal("flat", ids({ flat: true }), ["x0", "a0", "b1", "c2", "p0", "q1"]);

    const { criticalPath } = await load("critical");
    const timed = new Spans();
    timed.put([row(1, "r", null, 0, 100), row(2, "a", "r", 0, 60), row(3, "b", "r", 10, 40), row(4, "c", "r", 50, 90), row(5, "d", "c", 55, 70), row(6, "late", "r", 120, 150)]);
    timed.arrange();
    equal("critical path", [...criticalPath(timed.roots, 200)].map(([id, parts]) => [id, parts]).sort(), [["a", [[0, 50]]], ["c", [[70, 90], [50, 55]]], ["d", [[55, 70]]], ["r", [[90, 100]]]]);
    const path = (...rows) => {
      const of = new Spans();
      of.put(rows);
      of.arrange();
      return [...criticalPath(of.roots, 200)].sort();
    };
    equal("parallel calls", path(row(1, "r", null, 0, 40), row(2, "a", "r", 5, 20), row(3, "b", "r", 10, 25), row(4, "c", "r", 15, 38)), [["a", [[5, 10]]], ["b", [[10, 15]]], ["c", [[15, 38]]], ["r", [[38, 40], [0, 5]]]]);
    equal("roots that overlap", path(row(1, "a", null, 0, 60), row(2, "b", null, 50, 90)), [["a", [[0, 50]]], ["b", [[50, 90]]]]);
    equal("child that ended before its parent began", path(row(1, "r", null, 50, 90), row(2, "a", "r", 10, 40)), [["r", [[50, 90]]]]);

    const { align, lineDiff } = await load("diff");
    equal("align", align(["a", "b", "c", "d"], ["a", "c", "x", "d"], (item) => item), [["a", "a"], ["b", null], ["c", "c"], [null, "x"], ["d", "d"]]);
    equal("lines", lineDiff(["1", "2"], ["1", "3"]).map(({ sign, text }) => sign + text), [" 1", "−2", "+3"]);

    const { conversation, toolCall } = await load("chat");
    const talk = (payload, result) => conversation(parseTree(JSON.stringify(payload)), result && parseTree(JSON.stringify(result))).map(({ role, parts }) => [role, ...parts.map((part) => (part.type === "text" ? part.text : part.type === "call" ? `${part.name}${compact(part.value)}` : part.type))]);
    equal("chat completion", talk({ messages: [{ role: "user", content: "hi" }] }, { choices: [{ message: { role: "assistant", content: null, tool_calls: [{ function: { name: "f", arguments: '{"a":1}' } }] } }] }), [["user", "hi"], ["assistant", 'f{"a": 1}']]);
    equal("blocks", talk({ system: "be kind", messages: [{ role: "user", content: [{ type: "text", text: "hi" }, { type: "tool_result", content: "7" }] }] }, { role: "assistant", content: [{ type: "tool_use", name: "g", input: {} }] }), [["system", "be kind"], ["user", "hi", "result"], ["assistant", "g{}"]]);
    equal("no conversation", talk({ question: "hi" }, { answer: "x" }), []);
    equal("tool", compact(toolCall(parseTree('{"tool_name":"t","inputs":{"arguments":{"a":1}}}'), null).call.value), '{"a": 1}');

    const { costOf, priceOf } = await load("usage");
    const prices = [{ model: "m", input: 1, cached: null, output: 2 }, { model: "m-big", input: 10, cached: 1, output: 20 }];
    equal("longest price", priceOf("M-big-2026", prices).input, 10);
    equal("cost", costOf({ model: "m-big", input: 1_000_000, cached: 500_000, output: 100_000, cost: null }, prices), 7.5);
    equal("recorded cost", costOf({ model: "m", input: 1, output: 1, cached: null, cost: 0.5 }, prices), 0.5);
    equal("no price", costOf({ model: "other", input: 1, output: 1, cached: null, cost: null }, prices), null);

    const { duration, ticks } = await load("time");
    equal("durations", [0, 999, 1000, 9_994, 9_996, 999_499, 999_500, 59_950_000, 3_600_000_000, 90_000_000_000].map(duration), ["0 µs", "999 µs", "1.00 ms", "9.99 ms", "10.0 ms", "999 ms", "1.00 s", "1 min 00 s", "1 h 00 min", "1 d 1 h"]);
    equal("ticks", ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
    return found;
  });
  await close(page);
  return { failures };
}
