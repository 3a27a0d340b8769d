// A partner's page: the same figures, kept true while it is open.
import { drawCharts } from "./charts.js";
import { connect } from "./live.js";
import { setAway } from "./pause.js";
import { refresher } from "./refresh.js";

const page = document.getElementById("engagement");
const refresh = refresher(["figures"]);

drawCharts();
connect({
  auth: { trackingId: page.dataset.trackingId },
  heard: { "engagement:changed": refresh },
  onBack: () => {
    setAway(false);
    refresh();
  },
  onAway: () => setAway(true),
});
