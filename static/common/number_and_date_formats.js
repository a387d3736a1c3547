/* Numbers, dates and times in the page's language, as the browser's region writes it.

   The server writes them too (common/templatetags/number_formats.py) inside elements that
   carry the exact value; `localise` rewrites these. The names of the formats are the same there. */

import { all } from "./dom.js";

/** The page's language, with the region of the browser's own where that is the same language ("de-AT"). */
export const locale = [...(navigator.languages ?? []), document.documentElement.lang].find((name) => {
  try { return new Intl.Locale(name).language === document.documentElement.lang; } catch { return false; }
}) ?? "en";

const ONE_DECIMAL = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const SIGNED = { signDisplay: "exceptZero" };
const NUMBER_OPTIONS = {
  number: {},
  signed: SIGNED,
  percent: { style: "percent", ...ONE_DECIMAL },
  "whole-percent": { style: "percent" },
  change: { style: "percent", ...ONE_DECIMAL, ...SIGNED },
  points: { ...ONE_DECIMAL, ...SIGNED },
};
const DATE_OPTIONS = {
  day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  date: { day: "numeric", month: "short", year: "numeric" },
  short: { day: "numeric", month: "short" },
  long: { day: "numeric", month: "long", year: "numeric" },
  "long-day": { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  "long-short": { day: "numeric", month: "long" },
  "long-weekday-short": { weekday: "long", day: "numeric", month: "long" },
  "long-weekday": { weekday: "long" },
  month: { month: "long", year: "numeric" },
  "month-short": { month: "short" },
  "month-name": { month: "long" },
  year: { year: "numeric" },
  weekday: { weekday: "narrow" },
};

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
const numberFormats = mapValues(NUMBER_OPTIONS, (options) => new Intl.NumberFormat(locale, options));
const dateFormats = mapValues(DATE_OPTIONS, (options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }));
const relativeFormat = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const clockFormat = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });

/** A number in one of the formats above, as `money`: a text with its currency's decimals, shown only where
    they are not all zeros, or as `amount:2` or `signed-amount:2`: with so many decimals. */
export function formatNumber(value, format = "number") {
  if (format === "money") return formatMoney(String(value));
  if (format.includes("amount:")) return amountFormat(format).format(value);
  return numberFormats[format].format(value);
}

function formatMoney(text) {
  const [, part = ""] = text.split(".");
  return amountFormat(`amount:${/[1-9]/.test(part) ? Math.max(2, part.length) : 0}`).format(text);
}

/** The sign before the decimals in a language. */
export function decimalSign(language = locale) {
  const parts = new Intl.NumberFormat(language).formatToParts(0.5);
  return parts.find((part) => part.type === "decimal")?.value === "," ? "," : ".";
}

/** A number's plain text ("1234.5") for an input, in the browser's language: "1234,5" in German. */
export const writeNumber = (text) => String(text).replace(".", decimalSign());

function amountFormat(format) {
  const [name, decimals] = format.split(":");
  numberFormats[format] ??= new Intl.NumberFormat(locale, {
    minimumFractionDigits: Number(decimals), maximumFractionDigits: Number(decimals),
    ...(name === "signed-amount" ? SIGNED : {}),
  });
  return numberFormats[format];
}

/** A calendar day, month or year: YYYY-MM-DD, YYYY-MM or YYYY. */
export function formatDate(iso, format) {
  const day = `${iso}${"-01-01".slice(iso.length - 4)}`;
  return dateFormats[format].format(new Date(`${day}T00:00:00Z`));
}

/** The letter of a weekday; 0 is Monday. */
export const formatWeekday = (weekday) => dateFormats.weekday.format(Date.UTC(2024, 0, 1 + weekday)); // a Monday

/** The time of day of a Date, in the browser's time zone. */
export const formatClock = (time) => clockFormat.format(time);

/** How long ago a time is: "5 minutes ago". */
export function formatAge(iso) {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (seconds <= -size) return relativeFormat.format(Math.ceil(seconds / size), unit);
  }
  return relativeFormat.format(Math.min(0, Math.round(seconds)), "second");
}

/** Date and time in a time zone, the browser's if none is given. Throws for an unknown zone. */
function formatTime(iso, timeZone) {
  return new Intl.DateTimeFormat(locale, { timeZone, dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

/** Rewrites all numbers, dates and times in an element that the server wrote in English. */
export function localise(root) {
  for (const item of all("data[data-as]", root)) {
    item.textContent = formatNumber(item.dataset.as === "money" ? item.value : Number(item.value), item.dataset.as);
  }
  for (const input of all("input[data-number]", root)) input.defaultValue = writeNumber(input.defaultValue);
  for (const item of all("time[data-as]", root)) {
    const { as, zone } = item.dataset;
    if (as === "ago") item.textContent = formatAge(item.dateTime);
    else if (as === "time") {
      try {
        item.textContent = formatTime(item.dateTime, zone);
      } catch { /* this browser does not know the time zone: the server's text stays */ }
    } else item.textContent = formatDate(item.dateTime, as);
  }
  for (const head of all("th[data-weekday]", root)) head.textContent = formatWeekday(Number(head.dataset.weekday));
}
