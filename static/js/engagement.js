// A partner's page: the same figures, kept true while it is open, and a link for each campaign.
import { drawCharts } from "./charts.js";
import { connect } from "./live.js";
import { heldBack, onResume, setAway } from "./pause.js";
import { refresher } from "./refresh.js";
import { showLink } from "./tracking_link.js";

const FIVE_SECONDS = 5000; // an address may ask for this page 30 times a minute
const page = document.getElementById("engagement");
const refresh = refresher(["figures"], FIVE_SECONDS);

function renew(count = 0) {
  if (!heldBack(count)) refresh();
}

// The link was withdrawn or ran out: no figure stays, and the server says which.
function leave() {
  page.replaceChildren();
  location.reload();
}

function listen() {
  onResume(refresh);
  connect({
    auth: { trackingId: page.dataset.trackingId },
    heard: {
      "engagement:changed": () => renew(1),
      "engagement:captured": ({ clicks, conversions }) => renew(clicks + conversions),
      "access:ended": leave,
    },
    onBack: () => {
      setAway(false);
      renew();
    },
    onAway: () => setAway(true),
  });
}

addEventListener("wihy:refused", leave);
drawCharts();
listen();

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-link]");
  if (!chip || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showLink(chip.dataset.link, document.getElementById("own-link"));
  for (const other of page.querySelectorAll("[data-link][aria-current]")) other.removeAttribute("aria-current");
  chip.setAttribute("aria-current", "true");
  document.getElementById("own-qr").src = chip.dataset.svg;
  document.getElementById("own-qr-svg").href = chip.dataset.svg;
  document.getElementById("own-qr-png").href = chip.dataset.png;
  history.replaceState(null, "", chip.href);
});
