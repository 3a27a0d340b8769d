// Draws what `chart_card` renders: reads the numbers beside the canvas, the colours from the tokens.
import { dotted, hairline, hatched, niceSteps } from "./chart_parts.js";
import { showTip, hideTip } from "./chart_tip.js";

const charts = new WeakMap();
const narrow = matchMedia("(max-width: 719px)");
const short = new Intl.NumberFormat(navigator.language, { notation: "compact", maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat(navigator.language);

function colour(canvas, token) {
  // A probe resolves light-dark(), which the bare custom property still holds.
  const probe = document.createElement("i");
  probe.style.color = `var(--${token})`;
  canvas.parentElement.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

function palette(canvas, metric) {
  const names = { grid: "chart-grid", zero: "line-2", text: "ink-3", surface: "surface", previous: "chart-prev" };
  const colours = Object.fromEntries(Object.entries(names).map(([key, token]) => [key, colour(canvas, token)]));
  return { ...colours, metric: colour(canvas, metric === "conv" ? "chart-conv" : "chart-clicks") };
}

function fade(metric) {
  const mix = (share) => metric.replace("rgb(", "rgba(").replace(")", `, ${share})`);
  return ({ chart }) => {
    if (!chart.chartArea) return mix(0.15);
    const gradient = chart.ctx.createLinearGradient(0, chart.chartArea.top, 0, chart.chartArea.bottom);
    gradient.addColorStop(0, mix(0.15));
    gradient.addColorStop(1, mix(0.01));
    return gradient;
  };
}

function lineSets(data, colours) {
  const last = data.points.length - 1;
  const runs = data.points[last]?.partial;
  const common = { cubicInterpolationMode: "monotone", pointHitRadius: 0, borderJoinStyle: "round" };
  const current = {
    ...common,
    data: data.points.map((point) => point.value),
    borderColor: colours.metric,
    borderWidth: 2.25,
    backgroundColor: fade(colours.metric),
    fill: "origin",
    segment: { borderDash: dotted(runs, last) },
    pointRadius: ({ dataIndex }) => (last === 0 || (runs && dataIndex === last) ? 4 : 0),
    pointBackgroundColor: ({ dataIndex }) => (runs && dataIndex === last ? colours.surface : colours.metric),
    pointBorderColor: ({ dataIndex, active }) => (active && dataIndex !== last ? colours.surface : colours.metric),
    pointBorderWidth: 2,
    pointHoverRadius: 5,
    pointHoverBorderWidth: 2,
    clip: false,
  };
  if (data.points.every((point) => point.previous === null)) return [current];
  const previous = {
    ...common,
    data: data.points.map((point) => point.previous),
    borderColor: colours.previous,
    borderWidth: 1.5,
    borderDash: [5, 5],
    pointRadius: 0,
    pointHoverRadius: 0,
    fill: false,
  };
  return [current, previous];
}

function barSets(data, colours) {
  return [
    {
      data: data.points.map((point) => point.value),
      backgroundColor: ({ dataIndex }) =>
        data.points[dataIndex]?.partial ? hatched(colours.metric) : colours.metric,
      borderColor: colours.metric,
      borderWidth: ({ dataIndex }) => (data.points[dataIndex]?.partial ? 1.5 : 0),
      borderRadius: 3,
      categoryPercentage: 0.92,
      barPercentage: 0.68,
    },
  ];
}

function dateLabels(points, brief) {
  const step = Math.max(1, Math.ceil(points.length / (narrow.matches ? 3.5 : 7)));
  const last = points.length - 1;
  return (index) => {
    if (index === last) return brief ? points[last].label.split(",")[0] : points[last].label;
    return index % step === 0 && last - index >= step * (narrow.matches ? 0.8 : 0.7) ? points[index].label : "";
  };
}

function scales(data, colours, kind) {
  const font = { family: "Instrument Sans Variable, system-ui, sans-serif", size: 12 };
  const label = dateLabels(data.points, narrow.matches || kind === "bar");
  const highest = Math.max(0, ...data.points.flatMap((point) => [point.value ?? 0, point.previous ?? 0]));
  const { top, step } = niceSteps(highest, narrow.matches ? 2 : 4);
  return {
    x: {
      grid: { display: false },
      border: { color: colours.zero },
      ticks: { autoSkip: false, maxRotation: 0, align: "inner", padding: 3, color: colours.text, font, callback: label },
    },
    y: {
      min: 0,
      max: top,
      grid: { color: ({ tick }) => (tick.value ? colours.grid : "transparent"), drawTicks: false },
      border: { display: false },
      ticks: {
        stepSize: step,
        padding: 8,
        color: colours.text,
        font,
        callback: (value) => (value >= 10000 ? short : plain).format(value) + (data.unit === "percent" ? "%" : ""),
      },
    },
  };
}

function configuration(figure, canvas, data) {
  const colours = palette(canvas, data.colour);
  return {
    type: figure.dataset.chart,
    data: {
      labels: data.points.map((point) => point.label),
      datasets: figure.dataset.chart === "bar" ? barSets(data, colours) : lineSets(data, colours),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      responsive: true,
      layout: { padding: { top: 6, right: narrow.matches ? 4 : 6, left: -6 } },
      interaction: { mode: "index", intersect: false },
      scales: scales(data, colours, figure.dataset.chart),
      plugins: {
        legend: { display: false },
        tooltip: {
          enabled: false,
          external: ({ chart, tooltip }) =>
            tooltip.opacity ? showTip(figure, data, tooltip.dataPoints[0].dataIndex, chart) : hideTip(figure, data),
        },
      },
    },
    plugins: [hairline(colours.zero)],
  };
}

function draw(figure) {
  const canvas = figure.querySelector("canvas");
  const data = JSON.parse(figure.querySelector("script").textContent);
  charts.get(figure)?.destroy();
  if (!window.Chart) {
    // Not loaded: the table stays open in place of the drawing.
    figure.dataset.failed = "yes";
    return;
  }
  try {
    charts.set(figure, new window.Chart(canvas, configuration(figure, canvas, data)));
  } catch (error) {
    // The table stays open in place of the drawing.
    figure.dataset.failed = "yes";
    throw error;
  }
  if (!figure.dataset.drawn) figure.querySelector("details").open = false;
  figure.dataset.drawn = "yes";
  hideTip(figure, data);
}

export function drawCharts(within = document) {
  for (const figure of within.querySelectorAll("[data-chart]")) draw(figure);
}

// Takes the numbers of a freshly fetched figure, and leaves the canvas and the open table where they are.
export function renewChart(figure, fresh) {
  for (const part of ["script", ".chart-head", "thead", "tbody"]) {
    figure.querySelector(part).replaceWith(fresh.querySelector(part));
  }
  draw(figure);
}

// Paper is light: on it the charts take light colours too, and theirs again afterwards.
let onScreen;
addEventListener("beforeprint", () => {
  onScreen = document.documentElement.dataset.bsTheme;
  document.documentElement.dataset.bsTheme = "light";
  drawCharts();
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.bsTheme = onScreen;
});
new MutationObserver(() => drawCharts()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
narrow.addEventListener("change", () => drawCharts());
document.fonts.ready.then(() => drawCharts());
