// Small pieces of drawing that Chart.js leaves to its users.

const DOT = [2, 4];

// The period that still runs is drawn in dots, or it would read as a drop.
export function dotted(runs, last) {
  return ({ p1DataIndex }) => (runs && p1DataIndex === last ? DOT : undefined);
}

export function hatched(colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 5;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  for (const shift of [-5, 0, 5]) {
    pen.moveTo(shift, 5);
    pen.lineTo(shift + 5, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

export function hairline(colour) {
  return {
    id: "hairline",
    beforeDatasetsDraw(chart) {
      const [active] = chart.getActiveElements();
      if (!active || chart.config.type === "bar") return;
      const { top, bottom } = chart.chartArea;
      chart.ctx.save();
      chart.ctx.strokeStyle = colour;
      chart.ctx.lineWidth = 1;
      const x = Math.floor(active.element.x) + 0.5;
      chart.ctx.beginPath();
      chart.ctx.moveTo(x, top);
      chart.ctx.lineTo(x, bottom);
      chart.ctx.stroke();
      chart.ctx.restore();
    },
  };
}

// A top that divides into `count` whole, round steps: 506 in 4 → 600 by 150.
export function niceSteps(highest, count) {
  const raw = Math.max(highest, 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= raw);
  const step = Math.max(1, Math.ceil(factor * power));
  return { top: step * count, step };
}
