const ORDER = ["system", "light", "dark"];
const SIGNS = { system: "◑ System", light: "☼ Light", dark: "☾ Dark" };

export function watchTheme(button) {
  let theme = read();
  const apply = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = SIGNS[theme];
    button.setAttribute("aria-label", `Colours: ${theme}. Change`);
  };
  button.addEventListener("click", () => {
    theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Without storage the choice lasts until the page is left.
    }
    apply();
  });
  apply();
}

function read() {
  try {
    const theme = localStorage.getItem("theme");
    return ORDER.includes(theme) ? theme : "system";
  } catch {
    return "system";
  }
}
