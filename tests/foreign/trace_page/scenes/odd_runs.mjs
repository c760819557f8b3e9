import { bulk, finish, register } from "../api.mjs";
import { close, open, overflow } from "../browser.mjs";
import { DESKTOP, panel, rows, VIEWS } from "../page.mjs";

const LEVELS = 120;
const SIBLINGS = 3000;

async function record() {
  const run = await register("deep".repeat(60), "9.9.9-".repeat(40));
  const start = Date.now() - 100_000;
  const at = (ms) => new Date(start + ms).toISOString();
  const ids = [];
  for (let depth = 0; depth < LEVELS; depth += 1) {
    const isLast = depth === LEVELS - 1;
    const schema_name = depth % 7 === 3 ? `agent:${"averylongtypename".repeat(8)}` : "agent:level";
    const payload = { question: `level ${depth} `.repeat(depth === 0 ? 300 : 1), ...(depth % 5 === 0 ? { name: "Name ".repeat(100) } : {}) };
    const ending = isLast ? { status: "failed", result_payload: { error_type: "Deep::Error", message: `lost ${"x".repeat(3000)}` } } : { status: "complete" };
    const details = { agent_instance_id: run, schema_name, payload, ...ending, started_at: at(depth * 10), finished_at: at(99_000 - depth * 10), ...(depth > 0 ? { parent_span_id: ids[depth - 1] } : {}) };
    ids.push((await bulk([{ _type: "agent_spans/create", details }]))[0].id);
  }
  await bulk(
    Array.from({ length: SIBLINGS }, (_, n) => ({
      _type: "agent_spans/create",
      details: { agent_instance_id: run, schema_name: "tool:sibling", status: "complete", parent_span_id: ids[0], payload: { n }, started_at: at(1000 + n * 30), finished_at: at(1020 + n * 30) },
    })),
  );
  await finish(run, "failed");
  return { run, deepest: ids.at(-1) };
}

// Tells the rows in sight whose type is not readable, or whose label does not fit into its column.
async function unreadable(page) {
  return page.evaluate(() => {
    const lack = [];
    for (const row of document.querySelectorAll(".row")) {
      const label = row.querySelector(".label");
      const kind = row.querySelector(".kind").getBoundingClientRect();
      const column = label.getBoundingClientRect();
      if (kind.width < 30 || kind.right > column.right + 1 || label.scrollWidth > label.clientWidth + 1) lack.push(row.getAttribute("aria-label").slice(0, 60));
    }
    return lack;
  });
}

async function isInSight(page) {
  return page.evaluate(() => {
    const row = document.querySelector(".row[aria-current]")?.getBoundingClientRect();
    const trace = document.querySelector(".trace").getBoundingClientRect();
    const sheet = document.querySelector(".panel").getBoundingClientRect();
    const covered = sheet.top > trace.top ? Math.min(trace.bottom, sheet.top) : trace.bottom;
    return Boolean(row) && row.top >= trace.top && row.bottom <= covered;
  });
}

export async function play(browser) {
  const { run, deepest } = await record();
  const seen = { unreadable: {}, inSight: {}, overflow: {} };
  for (const { name, ...options } of VIEWS) {
    const page = await open(browser, options, "/");
    await page.locator(".run").first().waitFor();
    seen.overflow[`${name} list`] = await overflow(page);
    await page.goto(`${process.env.PAGE_URL}/runs/${run}`);
    await page.locator(`[aria-setsize="${LEVELS + SIBLINGS}"]`).first().waitFor();
    seen.unreadable[name] = await unreadable(page);
    seen.overflow[name] = await overflow(page);
    await page.goto(`${process.env.PAGE_URL}/runs/${run}?span=${deepest}`);
    await panel(page).getByText("Deep::Error").waitFor();
    await page.locator(`[aria-setsize="${LEVELS + SIBLINGS}"]`).first().waitFor();
    // The first frame is for what the last rows change, the second for the drawing that it requests.
    await page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    });
    seen.inSight[name] = await isInSight(page);
    seen.unreadable[`${name}, deepest`] = await unreadable(page);
    await close(page);
  }
  const page = await open(browser, DESKTOP, `/runs/${run}`);
  await page.locator(`[aria-setsize="${LEVELS + SIBLINGS}"]`).first().waitFor();
  await page.getByRole("button", { name: "Collapse all spans" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".row").length === 1);
  await page.getByRole("button", { name: "Next error" }).click();
  await rows(page).and(page.locator('[aria-current="true"][aria-level="120"]')).waitFor();
  await close(page);
  return seen;
}
