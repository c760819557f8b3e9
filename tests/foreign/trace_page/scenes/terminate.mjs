import { close, open } from "../browser.mjs";
import { DESKTOP, rows } from "../page.mjs";

const { RUN, REASON, ROWS } = process.env;

export async function play(browser) {
  const page = await open(browser, DESKTOP, `/runs/${RUN}`);
  await rows(page).nth(Number(ROWS) - 1).waitFor();
  await page.getByRole("button", { name: "Terminate…" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill(REASON);
  await page.getByRole("dialog").getByRole("button", { name: "Terminate the run" }).click();
  await page.getByText(`Terminated, reason: ${REASON}`).waitFor();
  const isOffered = await page.getByRole("button", { name: "Terminate…" }).isVisible();
  await close(page);
  return { isOffered };
}
