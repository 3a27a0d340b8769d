// Single keys press the link or button that carries the key in data-key; `?` shows them all.
const OFF = "wihy_keys_off";

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function showHelp() {
  const dialog = document.getElementById("keys-help");
  if (!dialog || dialog.open) return;
  dialog.querySelector("[data-keys-off]").checked = localStorage.getItem(OFF) !== null;
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") return showHelp();
  if (localStorage.getItem(OFF) && event.key.length === 1) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) showHelp();
});

// Speech input and tremor press keys by chance, so single keys can be switched off.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-off]")) return;
  if (event.target.checked) localStorage.setItem(OFF, "yes");
  else localStorage.removeItem(OFF);
});
