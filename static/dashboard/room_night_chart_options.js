/* How the chart of room-nights, or of another measure, looks, as options of Chart.js. */

import { formatNumber, locale } from "../common/number_and_date_formats.js";

/** Options for `new Chart`.

    `colour(name)` returns a function that gives a colour at the time of painting. `label(index)` and
    `tick(index)` are the texts of a row; `unit()` is the format of the values; `onClick` gets the
    index of the clicked row. */
export function chartOptions({ colour, label, tick, unit, onClick }) {
  const bySeries = (a, b) => a.datasetIndex - b.datasetIndex;
  return {
    data: { labels: [], datasets: [] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      locale,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: {
          type: "category",
          offset: true, // the first and the last bar are whole
          grid: { display: false },
          ticks: { color: colour("soft"), maxRotation: 0, autoSkipPadding: 14, callback: tick },
        },
        y: {
          grid: { color: colour("line") },
          border: { display: false },
          beginAtZero: true,
          ticks: { color: colour("soft"), maxTicksLimit: 7, callback: (value) => formatTick(value, unit()) },
        },
      },
      plugins: {
        legend: {
          position: "bottom",
          labels: {
            usePointStyle: true, pointStyleWidth: 34, boxHeight: 8, color: colour("soft"), sort: bySeries,
            generateLabels: dashedLabels,
          },
        },
        tooltip: {
          usePointStyle: true,
          backgroundColor: colour("ink"), titleColor: colour("paper"), bodyColor: colour("paper"),
          itemSort: bySeries,
          filter: (item) => item.raw !== null,
          callbacks: {
            title: (items) => (items.length ? label(items[0].dataIndex) : ""),
            label: (item) => `${item.dataset.label}: ${formatNumber(item.raw, unit())}`,
          },
        },
      },
      onClick: (_, points) => { if (points.length) onClick(points[0].index); },
    },
  };
}

/** The legend's labels with the dashes of the lines, which Chart.js leaves out beside point styles. */
function dashedLabels(chart) {
  const labels = window.Chart.defaults.plugins.legend.labels.generateLabels(chart);
  for (const label of labels) {
    const { borderDash, borderWidth } = chart.data.datasets[label.datasetIndex];
    Object.assign(label, { lineDash: borderDash ?? [], lineWidth: borderWidth });
  }
  return labels;
}

/** A line's point is seen only where there is no line: between two periods without a value. */
const lonePointRadius = ({ dataset, dataIndex: at }) => ([at - 1, at + 1].some((n) => (dataset.data[n] ?? null) !== null) ? 0 : 3);

/** The axis has no cents. */
const formatTick = (value, unit) => formatNumber(value, unit.startsWith("amount:") && Number.isInteger(value) ? "amount:0" : unit);

/** A row of bars or a line, without values: gross, cancelled, net, same_time, last_year, or value. */
export function makeSeries(id, colour) {
  const common = { id, data: [], borderColor: colour(id), backgroundColor: colour(id) };
  const line = (more) => ({
    ...common, type: "line", pointStyle: "line",
    pointRadius: lonePointRadius, pointHitRadius: 0, pointHoverRadius: 4, borderWidth: 2, ...more,
  });
  // The bar of cancellations is inside the bar of the bookings, so that a year of days has room.
  const bar = (order, width) => ({
    ...common, type: "bar", pointStyle: "rect", order, grouped: false,
    categoryPercentage: 1, barPercentage: width, borderRadius: 2,
  });
  const edged = { borderColor: colour("gross-edge"), borderWidth: 1 };
  return {
    gross: () => ({ ...bar(4, 0.8), ...edged }),
    cancelled: () => bar(3, 0.45),
    net: () => line({ order: 1, borderWidth: 2.5 }),
    // Told apart by their dashes too, not by colour alone.
    same_time: () => line({ order: 2, borderDash: [8, 4] }),
    last_year: () => line({ order: 2, borderDash: [2, 3] }),
    value: () => ({ ...bar(4, 0.8), ...edged, backgroundColor: colour("gross") }),
  }[id]();
}
