// What a reader finds in the demonstration's runs.

import { register, span, finish } from "../api.mjs";
import { close, open } from "../browser.mjs";
import { demo } from "../demo.mjs";
import { DESKTOP, panel, rows, runs } from "../page.mjs";

const texts = (locator) => locator.evaluateAll((nodes) => nodes.map((node) => node.innerText.replace(/\s+/g, " ").trim()));

export async function play(browser) {
  const { failed, flat } = await demo();
  const page = await open(browser, DESKTOP, "/");
  const row = (run) => page.locator(`a.run[href="/runs/${run}"]`);
  await runs(page).nth(13).waitFor();
  const seen = { row: (await texts(row(failed)))[0], headings: (await texts(page.locator(".headings > span"))).filter(Boolean) };

  await row(failed).click();
  await rows(page).nth(14).waitFor();
  seen.facts = (await texts(page.locator(".head .facts > div"))).filter((fact) => !fact.startsWith("Started"));
  await rows(page).last().click();
  await panel(page).getByText("Conversation").waitFor();
  seen.roles = await texts(panel(page).locator(".chat > li > .role"));
  seen.call = (await texts(panel(page).locator(".chat .call")))[0];
  seen.events = await texts(panel(page).locator(".events > li"));
  await rows(page).filter({ hasText: "embedding:create" }).click();
  await panel(page).getByLabel("Result", { exact: true }).getByText('"embedding"').waitFor();
  seen.embedding = await panel(page).getByLabel("Result", { exact: true }).locator(".line").count();
  await rows(page).filter({ hasText: "tool:get_weather" }).click();
  await panel(page).getByText("Tool call").waitFor();
  seen.tool = (await texts(panel(page).locator(".chat .call")))[0];
  seen.error = (await texts(panel(page).locator(".error pre")))[0];
  await rows(page).filter({ hasText: "agent:plan" }).click();
  await panel(page).getByText("Schema").first().waitFor();

  await page.goto(`${process.env.PAGE_URL}/runs/${flat}?view=list`);
  await rows(page).nth(3).waitFor();
  seen.list = await texts(rows(page).locator(".offset"));
  seen.kinds = await texts(rows(page).locator(".kind"));

  const orphaned = await register("orphan");
  const child = await span(orphaned, "tool:child", {}, { parent_span_id: `${orphaned.slice(0, 16)}0000000000000000` });
  await finish(orphaned);
  await page.goto(`${process.env.PAGE_URL}/runs/${orphaned}?span=${child}`);
  await panel(page).getByText("is not stored here").waitFor();
  seen.level = await rows(page).first().getAttribute("aria-level");
  await close(page);
  return seen;
}
