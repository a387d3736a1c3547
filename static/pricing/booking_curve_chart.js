/* The booking curve of the opened night: on the books so far, usual, last year's, and forecast. */

import { colourOf } from "../common/chart_colours.js";
import { byId } from "../common/dom.js";
import { formatNumber, locale } from "../common/number_and_date_formats.js";
import { gettext, ngettext } from "../common/translations.js";

const SMALL_SHARE = 0.03; // of the rooms; the chart begins where more than that is on the books
const DEFAULT_DAYS_BEFORE = 90, MIN_DAYS_BEFORE = 14;
const UNNAMED_SERIES = [3, 4, 5]; // the interval's bounds and its whisker: neither legend nor tooltip
let chart = null;

/** Draws the curve that is on the page; where there is none, the old one goes. */
export function drawBookingCurve() {
  chart?.destroy();
  chart = null;
  const source = byId("curve-data"), canvas = document.querySelector("#curve canvas");
  if (!source || !canvas || !window.Chart) return;
  const night = JSON.parse(source.textContent);
  chart = new Chart(canvas, { type: "line", data: { datasets: series(night) }, options: options(night) });
}

function series(night) {
  const { curve, days_before: daysBefore, forecast, forecast_low: low, forecast_high: high } = night;
  const line = (column, label, colour, more) => ({
    label, pointRadius: 0, borderWidth: 2, pointStyle: "line", borderColor: colourOf(colour), backgroundColor: colourOf(colour),
    data: curve.filter((row) => row[column] !== null).map((row) => ({ x: row.days_before, y: row[column] })), ...more,
  });
  const now = curve.find((row) => row.days_before === daysBefore)?.on_the_books ?? 0;
  const toward = (end) => [{ x: daysBefore, y: now }, { x: 0, y: end }];
  const bound = { borderWidth: 0, pointRadius: 0, borderColor: "transparent" };
  const cancelled = colourOf("cancelled");
  return [
    line("on_the_books", gettext("On the books"), "ink", { borderWidth: 3, stepped: "before" }),
    line("expected", gettext("Usual"), "expected", { borderDash: [7, 4] }),
    line("last_year", gettext("Last year"), "last_year", { borderDash: [2, 3] }),
    { ...bound, label: "low", data: toward(low) },
    { ...bound, label: "high", data: toward(high), fill: "-1", backgroundColor: colourOf("bar-forecast") },
    {
      label: "whisker", data: [{ x: 0, y: low }, { x: 0, y: high }], borderColor: cancelled,
      borderWidth: 3, pointStyle: "line", pointRadius: 5, pointBorderWidth: 2, clip: false,
    },
    {
      label: gettext("Forecast with its interval"), data: [{ x: 0, y: forecast }], showLine: false, pointRadius: 6,
      pointStyle: "rectRot", borderColor: cancelled, backgroundColor: cancelled, clip: false,
    },
  ];
}

const daysBefore = (days) => ngettext("%(days)s day before", "%(days)s days before", days, { days: formatNumber(days) });

/** How many days before the night the chart begins: most of a year before is a line at zero. */
function firstDay({ curve, days_before: daysBefore, rooms }) {
  const first = curve.find((row) => Math.max(row.on_the_books ?? 0, row.expected, row.last_year ?? 0) > SMALL_SHARE * rooms);
  return Math.max(MIN_DAYS_BEFORE, first?.days_before ?? DEFAULT_DAYS_BEFORE, daysBefore + 7);
}

function options(night) {
  const soft = colourOf("soft"), paper = colourOf("paper");
  const isNamed = (item) => !UNNAMED_SERIES.includes(item.datasetIndex);
  return {
    animation: false,
    maintainAspectRatio: false,
    locale,
    layout: { padding: { right: 10 } },
    interaction: { mode: "nearest", axis: "x", intersect: false },
    scales: {
      x: {
        type: "linear", reverse: true, min: 0, max: firstDay(night), grid: { display: false },
        ticks: { color: soft, maxTicksLimit: 7, precision: 0 },
        title: { display: true, text: gettext("days before the night"), color: soft },
      },
      y: {
        beginAtZero: true, grid: { color: colourOf("line") }, border: { display: false },
        ticks: { color: soft, precision: 0, maxTicksLimit: 6 },
      },
    },
    plugins: {
      legend: {
        position: "bottom",
        labels: { usePointStyle: true, pointStyleWidth: 24, boxHeight: 7, color: soft, filter: isNamed },
      },
      tooltip: {
        usePointStyle: true, backgroundColor: colourOf("ink"), titleColor: paper, bodyColor: paper, filter: isNamed,
        callbacks: {
          title: (items) => (items.length ? daysBefore(items[0].parsed.x) : ""),
          label: (item) => `${item.dataset.label}: ${formatNumber(Math.round(item.parsed.y))}`,
        },
      },
    },
  };
}
