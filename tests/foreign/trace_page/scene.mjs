// Plays a scene of `scenes/` in a browser and prints what it saw as one line of JSON. Usage: node scene.mjs NAME

import { complaints, launch } from "./browser.mjs";

const LIMIT = 240_000;

const { play, browserArguments } = await import(`./scenes/${process.argv[2]}.mjs`);
const browser = await launch(browserArguments);
// Closing the browser makes whatever waits fail; a signal from outside might leave the browser running.
setTimeout(() => {
  complaints.push(`not done after ${LIMIT} ms`);
  browser.close();
}, LIMIT).unref();
try {
  const seen = await play(browser);
  console.log(JSON.stringify({ ...seen, complaints }));
} catch (error) {
  console.error(...complaints);
  throw error;
} finally {
  await browser.close();
}
