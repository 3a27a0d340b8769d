// Fetches the page's parts anew and puts in only what changed, so that focus, open menus and scroll stay.
import { renewChart } from "./charts.js";
import { tick } from "./times.js";

const TWO_SECONDS = 2000;
const shown = new WeakMap();

function tintNew(before, part) {
  if (!before.size) return;
  for (const row of part.querySelectorAll("[data-event]")) {
    if (before.has(row.dataset.event)) continue;
    row.classList.add("is-new");
    setTimeout(() => {
      row.classList.add("is-seen");
      row.classList.remove("is-new");
    }, TWO_SECONDS);
  }
}

function put(part, fresh) {
  const before = new Set([...part.querySelectorAll("[data-event]")].map((row) => row.dataset.event));
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceChildren(...fresh.childNodes);
  window.htmx?.process(part);
  tick(part);
  tintNew(before, part);
  if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

function putAll(fragment) {
  for (const fresh of fragment.querySelectorAll("[data-part]")) {
    const part = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
    if (!part || shown.get(part) === fresh.innerHTML) continue;
    shown.set(part, fresh.innerHTML);
    put(part, fresh);
  }
  const chart = document.querySelector("[data-chart]");
  const fresh = fragment.querySelector("[data-chart]");
  if (chart && fresh && chart.querySelector("script").textContent !== fresh.querySelector("script").textContent) {
    renewChart(chart, fresh);
  }
}

async function fetchPart(name) {
  const url = new URL(location.href);
  url.searchParams.set("part", name);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (answer.status === 401) dispatchEvent(new Event("wihy:refused"));
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  putAll(page.body);
}

// At most once a second, and once more at the end, so that the last event is never missing.
export function refresher(parts, pause = 1000) {
  let running = false;
  let again = false;
  return async function refresh() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    const started = location.href;
    try {
      await Promise.all(parts.map(fetchPart));
    } catch {
      // The network is away; coming back refreshes.
    }
    setTimeout(() => {
      running = false;
      if (again || location.href !== started) {
        again = false;
        refresh();
      }
    }, pause);
  };
}
