// Plays one scene of `scenes/` in a browser and prints what it saw as one line of JSON.
//
// usage: node scene.mjs NAME

import { complaints, launch } from "./browser.mjs";

// Only a browser that hangs takes this long.
const LIMIT = 240_000;

const { play } = await import(`./scenes/${process.argv[2]}.mjs`);
const browser = await launch();
// Whatever waits then fails, and the browser is ended with it, which a signal from outside might not do.
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
