/* The heat map of the year: a tooltip with the day's numbers, arrow keys from day to day, Enter or a
   click opens the month. One day is a stop of the Tab key at a time. */

import { all, byId } from "../common/dom.js";
import { formatDate, formatNumber } from "../common/number_and_date_formats.js";
import { showTooltip } from "../common/tooltip.js";
import { gettext, ngettext } from "../common/translations.js";

const dayOf = (event) => event.target.closest?.("td[data-day]");

/** Gives the days their texts, and makes one of them a stop of the Tab key. */
export function enhanceHeatMap() {
  for (const day of all("#heat td[data-day]")) {
    day.setAttribute("aria-label", [dayText(day), day.dataset.marks].filter(Boolean).join(". "));
    day.removeAttribute("title"); // the tooltip has it
  }
  if (!document.querySelector("#heat td[tabindex='0']")) makeTabStop(document.querySelector("#heat td[data-day]"));
}

/** "3 May 2025: 45 (80.0%)", or of another measure "3 May 2025: 4,210.50 (45 room-nights)"; a closed night says so. */
function dayText(day) {
  if ("closed" in day.dataset) {
    const onTheBooks = formatNumber(day.dataset.net);
    return gettext("%(day)s: closed (%(number)s room-nights on the books)", { day: formatDate(day.dataset.day, "day"), number: onTheBooks });
  }
  const { day: date, net, occupancy, value } = day.dataset, isLater = "later" in day.dataset;
  const text = (shown) => `${formatDate(date, "day")}: ${isLater ? "–" : shown}`;
  if (value === undefined) return text(formatNumber(net)) + (occupancy ? ` (${formatNumber(occupancy, "percent")})` : "");
  const shown = value ? formatNumber(value, byId("heat").dataset.unit) : "–";
  if (isLater) return text(shown);
  const roomNights = ngettext("%(number)s room-night", "%(number)s room-nights", Number(net), { number: formatNumber(net) });
  return `${text(shown)} (${roomNights})`;
}

function makeTabStop(day) {
  for (const other of all("#heat td[tabindex='0']")) other.tabIndex = -1;
  if (day) day.tabIndex = 0;
}

const showTextOf = (day) => showTooltip(day, day?.getAttribute("aria-label"));

const openMonth = (day) => day.closest("table").querySelector("caption a").click();

function handleKey(event) {
  const day = dayOf(event);
  if (event.key === "Escape") showTooltip(null);
  if (!day) return;
  if (event.key === "Enter") openMonth(day);
  const forward = document.dir === "rtl" ? -1 : 1;
  const step = { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -7, ArrowDown: 7 }[event.key];
  if (!step) return;
  event.preventDefault();
  const days = all("#heat td[data-day]");
  days[Math.max(0, Math.min(days.indexOf(day) + step, days.length - 1))].focus();
}

/** Starts to listen to pointer and keys. To be called once. */
export function listenToHeatMap() {
  document.addEventListener("pointerover", (event) => showTextOf(dayOf(event)));
  document.addEventListener("focusin", (event) => {
    const day = dayOf(event);
    showTextOf(day);
    if (day) makeTabStop(day);
  });
  window.addEventListener("scroll", () => showTooltip(null), { passive: true, capture: true });
  document.addEventListener("click", (event) => {
    const day = dayOf(event);
    if (day) openMonth(day);
  });
  document.addEventListener("keydown", handleKey);
}
