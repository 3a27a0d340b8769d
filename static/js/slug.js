// Says while a short link is typed whether its name is free.
const REST_MS = 300;

const input = document.getElementById("save-slug");
const state = document.getElementById("save-slug-state");
let resting;
let asking;

function say(kind, words) {
  state.dataset.state = kind;
  state.querySelector("[role=status]").textContent = words;
}

async function ask() {
  const slug = input.value.trim();
  asking = new AbortController();
  try {
    const answer = await fetch(`/tracking-admin/slugs?slug=${encodeURIComponent(slug)}`, { signal: asking.signal });
    if (!answer.ok) return; // the server says it when the form is sent
    const { problem } = await answer.json();
    say(problem ? "bad" : "good", problem ?? "free");
  } catch {
    // Asked again meanwhile, or offline: no hint then.
  }
}

input?.addEventListener("input", () => {
  clearTimeout(resting);
  asking?.abort();
  say("", "");
  if (input.value.trim() && input.validity.valid) resting = setTimeout(ask, REST_MS);
});
