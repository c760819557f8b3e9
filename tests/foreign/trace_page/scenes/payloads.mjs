import { register, span } from "../api.mjs";
import { close, open, screenshot, scrutinise } from "../browser.mjs";
import { DESKTOP, panel, shown } from "../page.mjs";

const deep = (levels) => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

// Each payload stands with a text that the panel must show.
const SHAPES = [
  [{}, "{}"],
  [{ error: { message: { toString: 1, valueOf: null } } }, '"toString"'],
  [{ error: null, message: null, name: null }, '"error"'],
  [{ __proto__: null, constructor: "c", hasOwnProperty: 1, length: -1 }, '"constructor"'],
  [{ messages: [null, 1, "x", { role: 1 }, { role: "user" }, { role: "user", content: { text: "odd" } }] }, '"odd"'],
  [{ messages: [{ role: "user", content: [null, { type: "text" }, { type: "image", source: {} }] }], tool_calls: "none" }, "user"],
  [{ tool_name: "t", inputs: "text" }, '"text"'],
  [{ usage: "many", model: 5, events: [{ name: 1 }, null, { name: "tick", at: "yesterday" }] }, "tick"],
  [{ deep: deep(100) }, '"deep"'],
  [{ numbers: Array.from({ length: 20_000 }, (_, n) => n / 7) }, "20,000"],
  [{ list: Array.from({ length: 5000 }, (_, n) => ({ n })) }, "5,000"],
  [{ long: "ä😀".repeat(200_000) }, '"long"'],
  [{ "": "", "\u202e": "\u0000\u001b[31m", lone: "\ud800" }, "\\u202e"],
  [{ $truncated: 5, $bytes: 3, head: "x", more: { $sensitive: 7 } }, "$truncated"],
  [{ big: 1e300, tiny: 5e-324, minus: -0, precise: 0.1 }, "1e+300"],
];

export async function play(browser) {
  const run = await register("shapes");
  const ids = [];
  for (const [payload] of SHAPES) {
    ids.push(await span(run, "test:payload", payload), await span(run, "test:failed", {}, { status: "failed", result_payload: payload }));
  }
  const page = await open(browser, DESKTOP, `/runs/${run}`);
  const missing = [];
  for (const [index, id] of ids.entries()) {
    await page.goto(`${process.env.PAGE_URL}/runs/${run}?span=${id}`);
    const text = await shown(page, id);
    const opened = await panel(page).evaluate(async (node) => {
      for (const details of node.querySelectorAll("details")) {
        details.open = true;
        await new Promise((done) => details.addEventListener("toggle", done, { once: true }));
      }
      return node.textContent;
    });
    const expected = SHAPES[Math.floor(index / 2)][1];
    if (!opened.includes(expected) || !text.includes("Payload")) missing.push(expected);
    await scrutinise(page);
  }

  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${process.env.PAGE_URL}/runs/${run}?span=${ids[2 * 14]}`);
  await shown(page, ids[2 * 14]);
  await panel(page).getByRole("button", { name: /^Copy.*payload/i }).click();
  await panel(page).getByText("Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());

  await page.goto(`${process.env.PAGE_URL}/runs/${run}?span=${ids[2 * 9]}`);
  await shown(page, ids[2 * 9]);
  const fold = panel(page).getByRole("button", { name: "Fold" }).first();
  await fold.click();
  const folded = await panel(page).getByLabel("Payload", { exact: true }).textContent();
  await fold.click();
  await panel(page).getByRole("button", { name: "Show more of 20,000" }).click();

  const secret = { $sensitive: "string", value: "4711-secret", labels: ["account"] };
  const hidden = await span(run, "test:secret", { messages: [{ role: "user", content: secret }], account: secret }, { sensitive_encoding: true, result_payload: { ok: true } });
  const whole = await span(run, "test:whole", { account: "0815-secret" }, { sensitive_encoding: true });
  await page.goto(`${process.env.PAGE_URL}/runs/${run}?span=${hidden}`);
  const before = await shown(page, hidden);
  await screenshot(page, "sensitive");
  await panel(page).getByRole("button", { name: "Show the sensitive: account value" }).last().click();
  const after = await panel(page).evaluate((node) => node.textContent);
  await page.goto(`${process.env.PAGE_URL}/runs/${run}?span=${whole}`);
  const wholeBefore = await shown(page, whole);
  await panel(page).getByRole("button", { name: "Show the sensitive value" }).first().click();
  const wholeAfter = await panel(page).evaluate((node) => node.textContent);
  const everything = await page.evaluate(() => document.body.textContent);
  await close(page);
  return { missing, copied, folded: folded.slice(0, 20), before, after, wholeBefore, wholeAfter, rowsTell: everything.includes("4711-secret") };
}
