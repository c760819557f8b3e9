// Every part of this run is an attack, and must stay text in each size and colour.

import { close, open, overflow, screenshot, scrutinise } from "../browser.mjs";
import { chosen, label, labels, panel, rows, runs, shown, tab, VIEWS } from "../page.mjs";

const { PAGE_URL, RUN } = process.env;

async function row(item) {
  const place = await item.evaluate((node) => {
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    // The mark before the name has one character.
    while (texts.nextNode()) if (texts.currentNode.length > 1) break;
    range.selectNodeContents(texts.currentNode);
    return { name: texts.currentNode.data, left: range.getBoundingClientRect().left, top: node.getBoundingClientRect().top };
  });
  return { ...place, label: await label(item) };
}

async function view(browser, { name, ...options }) {
  const page = await open(browser, options, "/");
  const seen = { name, overflow: [] };
  const look = async (scene) => {
    seen.overflow.push(await overflow(page));
    await scrutinise(page);
    await screenshot(page, `${name}-${scene}`);
  };
  await runs(page).first().waitFor();
  seen.runs = await labels(runs(page));
  seen.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await look("runs");
  await runs(page).first().click();
  await page.waitForURL(`**/runs/${RUN}`);
  await rows(page).first().waitFor();
  seen.rows = await Promise.all((await rows(page).all()).map(row));
  seen.heading = await page.getByRole("main").getByRole("heading").first().textContent();
  await look("run");
  await rows(page).first().click();
  await panel(page).waitFor();
  await shown(page, chosen(page));
  await look("span");
  await page.keyboard.press("Escape");
  for (const name of ["Tree", "List", "Figures"]) {
    await tab(page, name).click();
    await page.locator(name === "Figures" ? ".figures table" : ".row").first().waitFor();
    await look(name.toLowerCase());
  }
  await page.goto(`${PAGE_URL}/compare?a=${RUN}&b=${RUN}`);
  await page.getByRole("button", { name: "alike" }).first().click();
  await page.getByRole("complementary", { name: "Difference" }).getByRole("heading").first().waitFor();
  await look("compare");
  await close(page);
  return seen;
}

// The first span is opened by mouse, the others by keyboard, and each again by its address.
async function spans(browser) {
  const page = await open(browser, VIEWS[0], `/runs/${RUN}`);
  await rows(page).first().click();
  await panel(page).waitFor();
  const seen = [{ id: chosen(page), text: await shown(page, chosen(page)) }];
  for (let index = 1; index < (await rows(page).count()); index += 1) {
    await page.keyboard.press("ArrowDown");
    const before = chosen(page);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("span") !== before);
    seen.push({ id: chosen(page), text: await shown(page, chosen(page)) });
    await scrutinise(page);
  }
  await screenshot(page, "last-span");
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  for (const span of seen) {
    await page.goto(`${PAGE_URL}/runs/${RUN}?span=${span.id}`);
    span.linked = await shown(page, span.id);
    span.current = await label(page.locator("[aria-current=true]").first());
  }
  await close(page);
  return seen;
}

export async function play(browser) {
  const views = [];
  for (const options of VIEWS) views.push(await view(browser, options));
  return { views, spans: await spans(browser) };
}
