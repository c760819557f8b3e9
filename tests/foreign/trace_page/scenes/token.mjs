import { complaints, close, open } from "../browser.mjs";
import { DESKTOP } from "../page.mjs";

const { TOKEN, PAGE_URL } = process.env;

export async function play(browser) {
  const page = await open(browser, DESKTOP, "/");
  const field = page.getByRole("textbox", { name: "Token" });
  await field.fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("refuses this token").waitFor();
  await field.fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No runs yet" }).waitFor();
  const welcome = await page.getByRole("main").textContent();
  await close(page);
  // This scene expects the refusals before the token was entered.
  const isExpected = (complaint) => complaint.startsWith("response: 401") || complaint.includes("status of 401");
  complaints.splice(0, complaints.length, ...complaints.filter((complaint) => !isExpected(complaint)));

  const linked = await open(browser, DESKTOP, `/#token=${TOKEN}`);
  await linked.getByRole("heading", { name: "No runs yet" }).waitFor();
  const address = linked.url().replace(PAGE_URL, "");
  await close(linked);
  return { welcome, address };
}
