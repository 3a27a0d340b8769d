// A shared dashboard: its chart; everything else is links.
import { drawCharts } from "./charts.js";

drawCharts();
