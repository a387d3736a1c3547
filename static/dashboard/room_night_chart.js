/* The chart of room-nights, or of another measure: drawn from the rows in the page, zoomed, dragged, read by keyboard.

   Where Chart.js did not load, the rest of the page works without the chart. */

import { colourOf, onColourChange } from "../common/chart_colours.js";
import { all, byId } from "../common/dom.js";
import { formatDate, formatNumber } from "../common/number_and_date_formats.js";
import { chartOptions, makeSeries } from "./room_night_chart_options.js";

const COLOURS = ["gross", "gross-edge", "cancelled", "net", "same_time", "last_year", "ink", "soft", "paper", "line"];
const ALL_DAYS = 366, ZOOM_FROM_DAYS = 92, NARROW_WINDOW_PX = 700, DRAG_FROM_PX = 4;

export class RoomNightChart {
  #open; // opens the address of a row
  #chart = null;
  #rows = null; // the columns of the table, as the server wrote them
  #windowDays = ALL_DAYS;
  #windowStart = 0;
  #point = -1; // the row that is read by keyboard; -1: none
  #isDragged = false;
  #palette = {};

  constructor({ open }) {
    this.#open = open;
    onColourChange(() => this.#repaint());
  }

  /** Draws what is on the page by now. */
  renew() {
    const source = byId("chart-data");
    const isGone = this.#chart && (!source || !this.#chart.canvas.isConnected);
    if (isGone) { this.#chart.destroy(); this.#chart = null; }
    if (!source || !byId("chart") || !window.Chart) return;
    const before = this.#rows;
    this.#rows = JSON.parse(source.textContent);
    if (!this.#chart) this.#create();
    const { key, period, opens } = this.#rows;
    this.#chart.data.labels = key;
    this.#showSeries();
    byId("zoom").hidden = !this.#isZoomable;
    if (before?.period !== period || before.key[0] !== key[0]) this.#resetView();
    byId("chart").classList.toggle("opens", opens.some(Boolean));
    this.#showWindow(this.#windowDays, this.#windowStart);
    if (this.#point >= 0 && document.activeElement === byId("chart")) this.#readPoint(this.#point);
    else byId("chart-read").textContent = ""; // nobody asked, and it would be read out
  }

  /** Gives the chart the rows' series; those that are drawn already get their new values. */
  #showSeries() {
    const { series, unit } = this.#rows, drawn = this.#chart.data;
    const ids = (list) => list.map(({ id }) => id).join();
    if (ids(series) !== ids(drawn.datasets)) drawn.datasets = series.map(({ id }) => makeSeries(id, this.#colour));
    for (const [index, { name, values }] of series.entries()) {
      Object.assign(drawn.datasets[index], { label: name, data: values });
    }
    this.#chart.options.scales.y.ticks.precision = unit === "number" ? 0 : undefined;
  }

  #colour = (name) => () => this.#palette[name];

  get #isZoomable() { return this.#rows.key.length > ZOOM_FROM_DAYS; }

  #create() {
    this.#readColours();
    const options = chartOptions({
      colour: this.#colour,
      label: (index) => this.#label(index),
      tick: (index) => (this.#rows ? this.#tick(index) : ""),
      unit: () => this.#rows?.unit ?? "number",
      onClick: (index) => { if (!this.#isDragged) this.#openRow(index); },
    });
    this.#chart = new Chart(byId("chart").querySelector("canvas"), options);
    this.#listenToKeys();
    this.#listenToPointer();
    this.#listenToZoom();
  }

  #readColours() {
    for (const name of COLOURS) this.#palette[name] = colourOf(name);
  }

  #repaint() {
    if (!this.#chart) return;
    this.#readColours();
    this.#chart.update("none");
  }

  #label(index) { return formatDate(this.#rows.key[index], this.#rows.period); }

  #tick(index) {
    const { key, period } = this.#rows, date = key[index];
    if (period === "year") return date;
    if (period === "month") return formatDate(date, "month-short");
    return key.length > 31 ? formatDate(date, "short") : String(Number(date.slice(8)));
  }

  #openRow(index) {
    const address = this.#rows.opens[index];
    if (address) this.#open(address);
  }

  // --- which rows are in view ---------------------------------------------------------------------

  /** Shows all rows, or in a narrow window the last three months that have data. */
  #resetView() {
    this.#windowDays = this.#isZoomable && window.innerWidth < NARROW_WINDOW_PX ? ZOOM_FROM_DAYS : ALL_DAYS;
    const drawn = this.#rows.series.filter(({ id }) => !["same_time", "last_year"].includes(id));
    const last = this.#rows.key.findLastIndex((_, index) => drawn.some(({ values }) => values[index]));
    this.#windowStart = last + 1 - this.#windowDays;
    this.#point = -1;
  }

  #showWindow(days, start) {
    const count = this.#rows.key.length, shown = Math.min(days, count);
    this.#windowDays = days;
    this.#windowStart = Math.max(0, Math.min(Math.round(start), count - shown));
    Object.assign(this.#chart.options.scales.x, { min: this.#windowStart, max: this.#windowStart + shown - 1 });
    this.#chart.update("none");
    const range = byId("zoom").querySelector("input");
    range.max = count - shown;
    range.value = this.#windowStart;
    range.disabled = shown === count;
    range.setAttribute("aria-valuetext", this.#label(this.#windowStart));
    for (const button of all("#zoom button")) {
      button.setAttribute("aria-pressed", Number(button.dataset.days) === days);
    }
  }

  #listenToZoom() {
    const range = byId("zoom").querySelector("input");
    range.addEventListener("input", () => this.#showWindow(this.#windowDays, Number(range.value)));
    byId("zoom").addEventListener("click", ({ target }) => {
      const days = Number(target.dataset.days);
      if (!days) return;
      const end = this.#windowStart + Math.min(this.#windowDays, this.#rows.key.length);
      this.#showWindow(days, end - days);
    });
  }

  #listenToPointer() {
    const box = byId("chart");
    let grip = null;
    box.addEventListener("pointerdown", (event) => {
      grip = { x: event.clientX, start: this.#windowStart };
      this.#isDragged = false;
    });
    box.addEventListener("pointermove", (event) => {
      if (!grip || !event.buttons || this.#windowDays >= this.#rows.key.length) return;
      const pixels = grip.x - event.clientX;
      if (Math.abs(pixels) > DRAG_FROM_PX) this.#isDragged = true;
      const days = pixels / this.#chart.chartArea.width * this.#windowDays;
      if (this.#isDragged) this.#showWindow(this.#windowDays, grip.start + days);
    });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
      box.addEventListener(name, () => { grip = null; });
    }
    box.addEventListener("wheel", (event) => {
      const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);
      if (!sideways || this.#windowDays >= this.#rows.key.length) return;
      event.preventDefault();
      const days = Math.sign(sideways) * Math.max(1, this.#windowDays / 12);
      this.#showWindow(this.#windowDays, this.#windowStart + days);
    }, { passive: false });
  }

  // --- reading by keyboard ------------------------------------------------------------------------

  #listenToKeys() {
    const box = byId("chart");
    box.addEventListener("keydown", (event) => {
      const isBack = ["ArrowLeft", "ArrowDown", "PageUp"].includes(event.key);
      const count = this.#rows.key.length;
      const from = this.#point >= 0 ? this.#point : isBack ? count : -1;
      const to = {
        ArrowLeft: from - 1, ArrowRight: from + 1, ArrowDown: from - 1, ArrowUp: from + 1,
        PageUp: from - 7, PageDown: from + 7, Home: 0, End: count - 1,
      }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        this.#readPoint(to);
      } else if (event.key === "Enter" && this.#point >= 0) this.#openRow(this.#point);
      else if (event.key === "Escape") this.#hideTooltip();
    });
    box.addEventListener("blur", () => this.#hideTooltip());
  }

  /** Moves to a row: scrolls it into view, shows its tooltip, and gives its text to screen readers. */
  #readPoint(index) {
    const point = this.#point = Math.max(0, Math.min(index, this.#rows.key.length - 1));
    if (point < this.#windowStart) this.#showWindow(this.#windowDays, point);
    if (point >= this.#windowStart + this.#windowDays) this.#showWindow(this.#windowDays, point - this.#windowDays + 1);
    this.#describe(point);
    const active = this.#chart.data.datasets.map((_, series) => ({ datasetIndex: series, index: point }))
      .filter(({ datasetIndex }) => this.#chart.isDatasetVisible(datasetIndex));
    const { x, y } = this.#chart.getDatasetMeta(0).data[point];
    this.#activate(active, { x, y });
  }

  #describe(index) {
    const { series, unit } = this.#rows;
    const values = series
      .filter(({ values: all }) => all[index] !== null)
      .map(({ name, values: all }) => `${name} ${formatNumber(all[index], unit)}`);
    const text = `${this.#label(index)}: ${values.join(", ")}`, place = byId("chart-read");
    if (place.textContent !== text) place.textContent = text; // else screen readers would repeat it
  }

  #hideTooltip() {
    if (this.#chart) this.#activate([], { x: 0, y: 0 });
  }

  #activate(elements, position) {
    this.#chart.setActiveElements(elements);
    this.#chart.tooltip.setActiveElements(elements, position);
    this.#chart.update("none");
  }
}
