// The staff's traffic page: figures and events that follow what is captured.
import { drawCharts } from "./charts.js";
import { connect } from "./live.js";
import { heldBack, onResume, setAway, show } from "./pause.js";
import { refresher } from "./refresh.js";
import { tick } from "./times.js";
import { toast } from "./toast.js";

const refresh = refresher(["figures", "recent"]);

function onCaptured({ count }) {
  // The page of the first run has nothing to renew: it becomes the dashboard.
  if (document.querySelector(".first-run")) return location.reload();
  if (!heldBack(count)) refresh();
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
connect({ heard: { "tracking:captured": onCaptured }, onBack, onAway: () => setAway(true), onReload: () => {} });

// A filter that cannot be shown in place (signed out, refused) is opened as a page, which says why.
function openInstead(event) {
  location.assign(event.detail.pathInfo.finalRequestPath);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 || xhr.responseText.includes('id="traffic"')) return;
  event.detail.shouldSwap = false;
  openInstead(event);
});
document.addEventListener("htmx:responseError", openInstead);
document.addEventListener("htmx:sendError", () => toast("Not loaded.", { text: "The server cannot be reached.", bad: true }));
document.addEventListener("htmx:afterSettle", settle);
document.addEventListener("htmx:historyRestore", settle);
