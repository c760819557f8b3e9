import { bulk, register } from "../api.mjs";
import { close, open, screenshot } from "../browser.mjs";
import { DESKTOP, panel, rows } from "../page.mjs";

const SPANS = 100_000;
const FAILED = 71_234;

async function record() {
  const run = await register("large");
  const start = Date.parse("2026-01-31T12:00:00Z");
  const items = Array.from({ length: SPANS - 1 }, (_, index) => {
    const at = new Date(start + index).toISOString();
    const details = { agent_instance_id: run, schema_name: "tool:step", status: index === FAILED ? "failed" : "complete", payload: { n: index }, started_at: at, finished_at: at };
    return { _type: "agent_spans/create", details };
  });
  const [root] = await bulk([{ _type: "agent_spans/create", details: { agent_instance_id: run, schema_name: "agent:run", status: "active", payload: { question: "How many?" }, started_at: new Date(start - 1).toISOString() } }]);
  items.forEach((item, index) => index % 10 === 0 || (item.details.parent_span_id = root.id));
  await bulk(items);
  return run;
}

// Blank is the part of the list in sight that no row covers, in pixels.
async function blank(page) {
  return page.evaluate(() => {
    const list = document.querySelector(".spans").getBoundingClientRect();
    const box = document.querySelector(".trace").getBoundingClientRect();
    const axis = document.querySelector(".scale").getBoundingClientRect();
    const top = Math.max(list.top, axis.bottom);
    const bottom = Math.min(list.bottom, box.bottom);
    const rows = [...document.querySelectorAll(".row")].map((row) => row.getBoundingClientRect()).sort((a, b) => a.top - b.top);
    let covered = top;
    for (const row of rows) if (row.top <= covered + 1) covered = Math.max(covered, row.bottom);
    return Math.max(0, bottom - covered);
  });
}

export async function play(browser) {
  const run = await record();
  const page = await open(browser, DESKTOP, `/runs/${run}`);
  await page.locator(`[aria-setsize="${SPANS}"]`).first().waitFor({ timeout: 120_000 });
  const seen = { blanks: [] };
  for (const share of [0.13, 0.5, 0.77, 1]) {
    // The first frame is for the scroll event, the second for the drawing that it requests.
    await page.evaluate(async (share) => {
      const trace = document.querySelector(".trace");
      trace.scrollTop = share * trace.scrollHeight;
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    }, share);
    seen.blanks.push(await blank(page));
  }
  seen.last = await rows(page).last().getAttribute("aria-posinset");
  seen.nodes = await page.evaluate(() => document.querySelectorAll(".row").length);
  await screenshot(page, "large");
  await page.getByRole("button", { name: "Next error" }).click();
  await panel(page).getByText(`"n": ${FAILED}`).waitFor();
  seen.errors = await page.locator(".errors").textContent();
  await page.keyboard.press("Escape");
  // No row shows this number from a payload, so the server searches for it.
  await page.getByRole("searchbox", { name: "Search the spans" }).fill("55555");
  await page.getByText("1 found").waitFor();
  await close(page);
  return seen;
}
