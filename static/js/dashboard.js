// The staff's traffic page: figures and events that follow what is captured.
import { drawCharts } from "./charts.js";
import { connect } from "./live.js";
import { heldBack, onResume, setAway, show } from "./pause.js";
import { refresher } from "./refresh.js";
import { tick } from "./times.js";

const refresh = refresher(["figures", "recent"]);
const count = new Intl.NumberFormat(navigator.language);

function onCaptured({ events, lastFiveMinutes }) {
  // The page of the first run has nothing to renew: it becomes the dashboard.
  if (document.querySelector(".first-run")) return location.reload();
  const shown = document.querySelector("[data-live-count]");
  if (shown) shown.textContent = count.format(lastFiveMinutes);
  if (!heldBack(events.length)) refresh();
}

function onBack() {
  setAway(false);
  if (!heldBack(0)) refresh();
}

function settle() {
  drawCharts();
  tick();
  show();
}

drawCharts();
onResume(refresh);
connect({ onCaptured, onBack, onAway: () => setAway(true) });

document.addEventListener("htmx:afterSettle", settle);
document.addEventListener("htmx:historyRestore", settle);
