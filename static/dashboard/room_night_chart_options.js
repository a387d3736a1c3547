/* How the chart of room-nights looks, as options of Chart.js. */

import { formatNumber, locale } from "../common/number_and_date_formats.js";

export const SERIES_NAMES = { gross: "Gross", cancelled: "Cancelled", net: "Net", last_year: "Net a year before" };
export const LAST_YEAR = 3; // its place among the series

/** Options for `new Chart`.

    `colour(name)` returns a function that gives a colour at the time of painting. `label(index)` and
    `tick(index)` are the texts of a row; `hasLastYear()` tells whether that line is drawn; `onClick`
    gets the index of the clicked row. */
export function chartOptions({ colour, label, tick, hasLastYear, onClick }) {
  const bySeries = (a, b) => a.datasetIndex - b.datasetIndex;
  return {
    data: { labels: [], datasets: series(colour) },
    options: {
      animation: false,
      maintainAspectRatio: false,
      locale,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: {
          type: "category",
          grid: { display: false },
          ticks: { color: colour("soft"), maxRotation: 0, autoSkipPadding: 14, callback: tick },
        },
        y: {
          grid: { color: colour("line") },
          border: { display: false },
          beginAtZero: true,
          ticks: { color: colour("soft"), precision: 0, maxTicksLimit: 7 },
        },
      },
      plugins: {
        legend: {
          position: "bottom",
          labels: {
            usePointStyle: true, pointStyleWidth: 26, boxHeight: 8, color: colour("soft"), sort: bySeries,
            filter: (item) => item.datasetIndex < LAST_YEAR || hasLastYear(),
          },
        },
        tooltip: {
          usePointStyle: true,
          backgroundColor: colour("ink"), titleColor: colour("paper"), bodyColor: colour("paper"),
          itemSort: bySeries,
          filter: (item) => item.raw !== null,
          callbacks: {
            title: (items) => (items.length ? label(items[0].dataIndex) : ""),
            label: (item) => `${item.dataset.label}: ${formatNumber(item.raw)}`,
          },
        },
      },
      onClick: (_, points) => { if (points.length) onClick(points[0].index); },
    },
  };
}

function series(colour) {
  const common = (id) => ({ id, label: SERIES_NAMES[id], data: [], borderColor: colour(id), backgroundColor: colour(id) });
  const line = (id, more) => ({
    ...common(id), type: "line", pointStyle: "line",
    pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 4, borderWidth: 2, ...more,
  });
  // The bar of cancellations is inside the bar of the bookings, so that a year of days has room.
  const bar = (id, order, width) => ({
    ...common(id), type: "bar", pointStyle: "rect", order, grouped: false,
    categoryPercentage: 1, barPercentage: width, borderRadius: 2,
  });
  return [
    { ...bar("gross", 4, 0.8), borderColor: colour("gross-edge"), borderWidth: 1 },
    bar("cancelled", 3, 0.45),
    line("net", { order: 1, borderWidth: 2.5 }),
    line("last_year", { order: 2, borderDash: [5, 4] }),
  ];
}
