import { api, register } from "../api.mjs";
import { close, open, screenshot } from "../browser.mjs";
import { DESKTOP, panel, rows, runs } from "../page.mjs";

const { HOSTILE } = process.env;

export async function play(browser) {
  const page = await open(browser, DESKTOP, "/");
  await page.getByRole("heading", { name: "No runs yet" }).waitFor();
  const welcome = await page.getByRole("main").textContent();
  await page.evaluate(() => (window.__loaded = "once"));
  const run = await register("latecomer");
  await runs(page).filter({ hasText: "latecomer" }).click();
  const details = { agent_instance_id: run, schema_name: "agent:wait", status: "active", payload: {} };
  const { details: span } = await api("agent_spans", { details });
  const row = (status) => rows(page).filter({ hasText: "agent:wait" }).and(page.locator(`[aria-label*="${status}"]`));
  await row("active").click();
  await panel(page).getByText("none yet").waitFor();
  await api(`agent_spans/${span.id}/finish`, { status: "complete", result_payload: { waited: HOSTILE } });
  await row("complete").waitFor();
  await panel(page).getByText("waited").waitFor();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  // One request of more spans than the server keeps changes for a page: it has to read all of it again.
  const items = Array.from({ length: 5000 }, (_, n) => ({ _type: "agent_spans/create", idempotency_key: `burst-${n}-000`, details: { ...details, status: "complete" } }));
  await api("bulk", { items });
  await page.locator('.row[aria-setsize="5001"]').first().waitFor();
  await page.keyboard.press("T");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(HOSTILE);
  await screenshot(page, "terminate");
  await page.keyboard.press("Enter");
  const reason = page.getByRole("main").getByText("Terminated, reason");
  await reason.waitFor();
  const seen = { welcome, reason: await reason.textContent() };
  await page.getByRole("link", { name: "All runs" }).click();
  await runs(page).and(page.locator('[aria-label*="terminated"]')).waitFor();
  await screenshot(page, "terminated");
  seen.loaded = await page.evaluate(() => window.__loaded);
  await close(page);
  return seen;
}
