/* The nights of the month, walked by arrow keys; and in each night the price that changed settings
   would give it, before they are saved. */

import { all, byId } from "../common/dom.js";
import { formatNumber } from "../common/number_and_date_formats.js";
import { gettext, ngettext } from "../common/translations.js";

let preview = null; // by night: the API's row of `recommended` and `would_be`; null: nothing to show

const nights = () => all("a.cell");
const isOtherCurrency = (row) => row.currency !== row.currency_would_be;
const differs = (row) => row.recommended !== row.would_be || isOtherCurrency(row);
const priceDiffers = (row) => row.price !== row.price_would_be || isOtherCurrency(row);

/** Makes one night a stop of the Tab key, and shows the preview in the nights. */
export function enhanceCalendar() {
  const list = nights(), opened = new URL(location.href).searchParams.get("night");
  const stop = list.find((cell) => cell.dataset.night === opened) || list.find((cell) => !cell.matches(".past")) || list[0];
  for (const cell of list) cell.tabIndex = cell === stop ? 0 : -1;
  showPreview();
}

/** Starts to listen to the arrow keys. To be called once. */
export function listenToCalendar() {
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("a.cell");
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -31, End: 31 }[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const list = nights(), next = list[Math.max(0, Math.min(list.indexOf(cell) + step, list.length - 1))];
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

/** Shows the API's preview rows in the calendar; null ends the preview. */
export function setPreview(rows) {
  preview = rows && new Map(rows.map((row) => [row.night, row]));
  showPreview();
}

function showPreview() {
  const calendar = byId("calendar"), summary = byId("preview");
  if (!calendar || !summary) return;
  calendar.classList.toggle("previewing", Boolean(preview));
  summary.hidden = !preview;
  for (const cell of nights()) showPreviewOfNight(cell, preview?.get(cell.dataset.night));
  if (preview) summary.textContent = summaryText(nights().map((cell) => preview.get(cell.dataset.night)).filter(Boolean));
}

function showPreviewOfNight(cell, row) {
  const place = cell.querySelector(".would"), isChanging = Boolean(row) && differs(row);
  cell.classList.toggle("changes", isChanging);
  if (!place) return; // a night without a price
  place.hidden = !preview;
  place.replaceChildren();
  if (!preview) return;
  const price = document.createElement("strong"), amount = row ? row.would_be : cell.dataset.price;
  price.textContent = amount ? formatNumber(amount, "money") : gettext("closed");
  place.dataset.size = amountSize(row?.would_be, isChanging && row?.recommended);
  place.append(isChanging && !isOtherCurrency(row) ? `${row.recommended ? formatNumber(row.recommended, "money") : gettext("closed")} → ` : "", price);
}

function summaryText(monthRows) {
  const changing = [...preview.values()];
  const parts = [
    gettext("Not saved."), changesText(monthRows),
    gettext("Of the coming year: %(count)s.", { count: formatNumber(changing.filter(differs).length) }),
    savingText(changing.filter(priceDiffers).length),
  ];
  return parts.join(" ");
}

/** How many nights of the month change, and their mean. */
function changesText(monthRows) {
  const priced = monthRows.filter((row) => row.recommended && row.would_be); // closed nights have no price
  const mean = (name) => meanAmount(priced.map((row) => row[name]));
  const [currencies] = priced.map((row) => (isOtherCurrency(row) ? [` ${row.currency}`, ` ${row.currency_would_be}`] : ["", ""]));
  const means = priced.length ? `${mean("recommended")}${currencies[0]} → ${mean("would_be")}${currencies[1]}` : "";
  // Previews are of the house's prices, also where the calendar shows those of another room type.
  const { previewOf } = byId("calendar").dataset;
  const values = { changing: formatNumber(monthRows.filter(differs).length), nights: formatNumber(monthRows.length), means, type: previewOf };
  if (previewOf && means) return gettext("Recommended prices of %(type)s, the reference type, in this month: %(changing)s of %(nights)s nights change; their mean %(means)s.", values);
  if (previewOf) return gettext("Recommended prices of %(type)s, the reference type, in this month: %(changing)s of %(nights)s nights change.", values);
  if (means) return gettext("Recommended prices of this month: %(changing)s of %(nights)s nights change; their mean %(means)s.", values);
  return gettext("Recommended prices of this month: %(changing)s of %(nights)s nights change.", values);
}

function savingText(count) {
  if (!count) return gettext("Saving changes no prices in force at once.");
  return ngettext("Saving changes %(count)s price in force at once.", "Saving changes %(count)s prices in force at once.", count, { count: formatNumber(count) });
}

/** Whether amounts are long, longer or neither: in how large a type they fit (month_calendar.py counts the same). */
function amountSize(...amounts) {
  const length = Math.max(...amounts.map((amount) => (amount ? formatNumber(amount, "money").length : 0)));
  return length > 10 ? "longer" : length > 7 ? "long" : "";
}

/** The mean of amounts, with their decimals. */
function meanAmount(amounts) {
  const decimals = (amounts[0].split(".")[1] ?? "").length;
  return formatNumber(amounts.reduce((sum, amount) => sum + Number(amount), 0) / amounts.length, `amount:${decimals}`);
}
