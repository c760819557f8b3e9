// These are the pictures of docs/trace-page.md, and more of them, in both themes and on a phone.

import { close, open, overflow, screenshot } from "../browser.mjs";
import { demo } from "../demo.mjs";
import { panel, rows, runs } from "../page.mjs";

const DESK = { viewport: { width: 1280, height: 720 } };
const HAND = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1.5 };

export async function play(browser) {
  const shown = { overflow: {} };
  const welcome = await open(browser, { ...DESK, colorScheme: "dark" }, "/");
  await welcome.getByRole("heading", { name: "No runs yet" }).waitFor();
  await screenshot(welcome, "page-welcome");
  await close(welcome);
  const { failed, other, flat, support } = await demo();

  const take = async (name, options, path, ready) => {
    const page = await open(browser, options, path);
    await ready(page);
    // The pointer must not highlight anything.
    await page.mouse.move(0, 0);
    await page.waitForLoadState("load");
    shown.overflow[name] = await overflow(page);
    await screenshot(page, name);
    await close(page);
  };
  const listed = (page) => runs(page).nth(13).waitFor();
  const spans = (count) => (page) => rows(page).nth(count - 1).waitFor();
  const chat = async (page) => {
    await spans(15)(page);
    await page.getByRole("button", { name: "Critical path" }).click();
    await rows(page).last().click();
    await panel(page).getByText("Events", { exact: true }).first().waitFor();
  };
  const error = async (page) => {
    await spans(15)(page);
    await page.getByRole("button", { name: "Next error" }).click();
    await panel(page).getByText("operation timed out").first().waitFor();
  };
  // Eight types of spans, and below them the models.
  const figures = (page) => page.locator(".figures tbody tr").nth(8).waitFor();
  for (const [theme, ending] of [["light", ""], ["dark", "-dark"]]) {
    const [desk, hand] = [{ ...DESK, colorScheme: theme }, { ...HAND, colorScheme: theme }];
    await take(`page-runs${ending}`, desk, "/", listed);
    await take(`page-span${ending}`, desk, `/runs/${failed}`, chat);
    await take(`page-error${ending}`, desk, `/runs/${failed}`, error);
    await take(`page-figures${ending}`, desk, `/runs/${failed}?view=figures`, figures);
    await take(`page-flat${ending}`, desk, `/runs/${flat}?view=list`, spans(4));
    await take(`page-lost${ending}`, desk, `/runs/${support}`, async (page) => {
      await spans(3)(page);
      shown.lost = await page.locator(".heading .badge.alarm").textContent();
    });
    await take(`page-compare${ending}`, desk, `/compare?a=${failed}&b=${other}`, async (page) => {
      await page.getByRole("button", { name: /tool:get_weather/ }).first().click();
      await page.getByText("error_type").first().waitFor();
    });
    await take(`page-phone-runs${ending}`, hand, "/", listed);
    await take(`page-phone${ending}`, hand, `/runs/${failed}`, spans(15));
    await take(`page-phone-span${ending}`, hand, `/runs/${failed}`, error);
  }
  return shown;
}
