const FIVE_SECONDS = 5000;
let timer;

function clear(region) {
  clearTimeout(timer);
  region.replaceChildren();
}

// One at a time; what went wrong stays until the next one.
export function toast(result, { text = "", bad = false } = {}) {
  const region = document.querySelector("[data-toast-region]");
  if (!region) return;
  clear(region);
  const notice = document.getElementById(bad ? "notice-bad" : "notice-good").content.cloneNode(true);
  notice.querySelector("b").textContent = result;
  notice.querySelector("span span").textContent = text;
  region.append(notice);
  if (!bad) timer = setTimeout(clear, FIVE_SECONDS, region);
}

const region = document.querySelector("[data-toast-region]");
if (region?.querySelector(".notice:not(.notice-bad)")) timer = setTimeout(clear, FIVE_SECONDS, region);
