// Two tabs on one run, several writers, a reload meanwhile, and the browser's own buttons.

import { bulk, register, span } from "../api.mjs";
import { close, open } from "../browser.mjs";
import { chosen, DESKTOP, panel, rows, runs, tab } from "../page.mjs";

const WRITERS = 8;
const EACH = 40;

async function write(run, writer, times) {
  for (let n = 0; n < times; n += 1) {
    const details = { agent_instance_id: run, schema_name: `tool:writer${writer}`, status: n % 13 === 5 ? "failed" : "complete", payload: { writer, n } };
    await bulk([{ _type: "agent_spans/create", details }]);
  }
}

const spansOf = async (page, count) => {
  await page.locator(`.row[aria-setsize="${count}"]`).first().waitFor();
  await page.getByText(`${count}, `, { exact: false }).first().waitFor();
  return page.locator(".facts").first().textContent();
};

export async function play(browser) {
  const run = await register("busy");
  const root = await span(run, "agent:run", { question: "Who writes?" });
  const tabs = [await open(browser, DESKTOP, `/runs/${run}`), await open(browser, DESKTOP, `/runs/${run}`)];
  for (const page of tabs) await rows(page).first().waitFor();
  const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(run, writer, EACH)));
  await tabs[0].getByText("tool:writer", { exact: false }).first().waitFor();
  await tabs[0].reload();
  await rows(tabs[0]).first().waitFor();
  await writing;
  const all = 1 + WRITERS * EACH;
  const seen = { facts: [] };
  for (const page of tabs) seen.facts.push((await spansOf(page, all)).replace(/Duration.*?Spans/, "Spans"));

  // What one tab does, the other shows.
  await tabs[0].getByRole("button", { name: "Terminate…" }).click();
  await tabs[0].getByRole("dialog").getByLabel("Reason").fill("seen enough");
  await tabs[0].getByRole("dialog").getByRole("button", { name: "Terminate the run" }).click();
  for (const page of tabs) await page.getByText("Terminated, reason: seen enough").waitFor();

  // Back and forward lead through what was chosen, as links do.
  const page = tabs[1];
  const where = () => page.evaluate(() => location.pathname + location.search);
  seen.path = [];
  const mark = async () => seen.path.push((await where()).replace(run, "RUN").replace(root, "ROOT"));
  await page.goto(`${process.env.PAGE_URL}/`);
  await runs(page).first().click();
  await rows(page).first().click();
  await panel(page).getByText("Who writes?").first().waitFor();
  await mark();
  await tab(page, "Figures").click();
  await page.getByText("By span type").waitFor();
  await mark();
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes("span="));
  await panel(page).waitFor({ state: "hidden" });
  await mark();
  await page.goBack();
  await runs(page).first().waitFor();
  await mark();
  await page.goForward();
  await page.goForward();
  await panel(page).getByText("Who writes?").first().waitFor();
  await mark();
  seen.chosen = (await chosen(page)) === root;
  await page.reload();
  await panel(page).getByText("Who writes?").first().waitFor();
  for (const tab of tabs) await close(tab);
  return seen;
}
