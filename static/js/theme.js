// Runs before the first paint: says that scripts run, and names the system's theme where none was chosen.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (root.dataset.bsTheme) return;

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (!root.dataset.themeChosen) root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  follow();
  dark.addEventListener("change", follow);
})();
