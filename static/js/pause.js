// The pause for live updates, and the words beside the dot.
const state = { paused: false, away: false, waiting: 0 };

function words() {
  if (state.away) return "Connecting again";
  if (!state.paused) return "Live";
  return state.waiting ? `Live updates paused, ${state.waiting} new` : "Live updates paused";
}

export function show() {
  for (const live of document.querySelectorAll("[data-live-state]")) {
    live.classList.toggle("is-paused", state.paused && !state.away);
    live.classList.toggle("is-away", state.away);
    live.querySelector("[data-live-words]").textContent = words();
  }
  for (const live of document.querySelectorAll("[data-live-dot]")) {
    live.classList.toggle("is-away", state.away || state.paused);
  }
  for (const button of document.querySelectorAll("[data-pause]")) {
    button.dataset.on = state.paused ? "yes" : "no";
    button.querySelector("[data-pause-words]").textContent = state.paused ? "Go on" : "Pause";
  }
}

// True while paused: then the events only count.
export function heldBack(count) {
  if (!state.paused) return false;
  state.waiting += count;
  show();
  return true;
}

export function setAway(away) {
  state.away = away;
  show();
}

export function onResume(resume) {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-pause]")) return;
    state.paused = !state.paused;
    state.waiting = 0;
    show();
    if (!state.paused) resume();
  });
}
