// The box beside the pointer; on phones a strip above the chart that always holds a day.
const narrow = matchMedia("(max-width: 719px)");
const MARGIN = 14;

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function row(...children) {
  const line = element("div", "tip-row", "");
  line.append(...children);
  return line;
}

function changeMark(change) {
  const mark = element("span", `change change-${change.direction}`, "");
  const arrow = { up: "M5 1 9.6 8.2H.4z", down: "M5 8 .4.8h9.2z" }[change.direction];
  if (arrow) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 10 9");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", arrow);
    path.setAttribute("fill", "currentColor");
    svg.append(path);
    mark.append(svg);
  }
  mark.append(change.text);
  return mark;
}

// Beside what still runs stands the one before up to the same moment.
function by(point) {
  return point.partial ? `${point.previousTitle}, by then` : point.previousTitle;
}

function fillStrip(tip, data, point) {
  const parts = [
    element("span", "tip-title", point.shortTitle + (point.partial ? ", so far" : "")),
    element("b", "", `${point.text} ${data.label.toLowerCase()}`),
  ];
  if (point.previousTitle) parts.push(element("span", "", `before${point.partial ? ", by then" : ""} ${point.previousText}`));
  if (point.change) parts.push(changeMark(point.change));
  tip.replaceChildren(...parts);
}

function fillBox(tip, data, point) {
  const title = element("span", "tip-title", point.partial ? `${point.title}, so far` : point.title);
  const head = row(title);
  if (point.change) head.append(changeMark(point.change));
  const series = data.colour === "conv" ? "series series-conv" : "series";
  const rows = [head, row(element("span", series, data.label), element("b", "", point.text))];
  if (point.previousTitle) {
    rows.push(row(element("span", "series series-prev", by(point)), element("b", "", point.previousText)));
  }
  tip.replaceChildren(...rows);
}

function fill(tip, data, point) {
  (narrow.matches ? fillStrip : fillBox)(tip, data, point);
}

function place(tip, figure, chart, x) {
  const plot = figure.querySelector(".plot");
  const left = plot.offsetLeft + x;
  const fits = left - MARGIN - tip.offsetWidth > plot.offsetLeft + chart.chartArea.left;
  tip.style.left = `${fits ? left - MARGIN - tip.offsetWidth : left + MARGIN}px`;
  tip.style.top = `${plot.offsetTop - 7}px`;
}

export function showTip(figure, data, index, chart) {
  const tip = figure.querySelector(".chart-tip");
  fill(tip, data, data.points[index]);
  tip.hidden = false;
  if (narrow.matches) tip.removeAttribute("style");
  else place(tip, figure, chart, chart.getDatasetMeta(0).data[index].x);
}

export function hideTip(figure, data) {
  const tip = figure.querySelector(".chart-tip");
  const latest = data.points.findLast((point) => !point.partial) ?? data.points.at(-1);
  tip.hidden = !narrow.matches || figure.dataset.chart === "bar" || !latest;
  if (!tip.hidden) fill(tip, data, latest);
}
