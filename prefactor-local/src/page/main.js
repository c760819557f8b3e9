import { address, go, onAddress } from "/page/address.js";
import { compareScene } from "/page/compare.js";
import { runScene } from "/page/run.js";
import { runsScene } from "/page/runs.js";
import { openHelp, watchKeys } from "/page/keys.js";
import { askForToken, openSession } from "/page/session.js";
import { watchTheme } from "/page/theme.js";

const scenes = { runs: runsScene, run: runScene, compare: compareScene };
const place = document.getElementById("scene");
let current = null;

// A scene is `{ node, show(address), leave(), keys }`.
function show() {
  const at = address();
  const key = at.scene + (at.run ?? "");
  if (current?.key !== key) {
    current?.scene.leave();
    current = { key, scene: scenes[at.scene](at) };
    place.replaceChildren(current.scene.node);
    document.title = "Prefactor local";
  }
  current.scene.show(at);
}

document.getElementById("origin").textContent = location.host;
document.getElementById("help").addEventListener("click", () => openHelp(current.scene.keys));
watchTheme(document.getElementById("theme"));
watchKeys(() => current.scene.keys, () => go("/"));
addEventListener("token-needed", askForToken);
onAddress(show);
await openSession();
show();
