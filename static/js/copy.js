import { toast } from "./toast.js";

const TWO_SECONDS = 2000;

// Without HTTPS browsers hide the clipboard; the old command still copies what is marked.
function copyMarked(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  const done = document.execCommand("copy");
  selection.removeAllRanges();
  return done;
}

async function copy(element) {
  const text = "value" in element ? element.value : element.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyMarked(element);
  }
}

function sayCopied(button) {
  const words = button.querySelector("[data-copy-words]");
  const label = words.textContent;
  button.classList.add("is-copied");
  words.textContent = "Copied";
  setTimeout(() => {
    button.classList.remove("is-copied");
    words.textContent = label;
  }, TWO_SECONDS);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || button.classList.contains("is-copied")) return;
  if (await copy(document.getElementById(button.dataset.copy))) {
    sayCopied(button);
    if (button.dataset.toast) toast("Copied.", { text: button.dataset.toast });
  } else {
    toast("Not copied.", { text: "Mark the text and copy it by hand.", bad: true });
  }
});
