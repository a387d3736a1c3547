/* Numbers as people type or paste them: 120.50, 120,50, 1.234,50, 1,234.50, 1 234,50, 1'234.50.

   Nothing is guessed. "1,234" and "1.234" are read in one way only if the page's language and the
   currency's decimals agree on it; otherwise the error names both readings. */

import { decimalSign, locale } from "./number_and_date_formats.js";
import { gettext } from "./translations.js";

const DIGITS_AND_SIGNS = /^[-−]?[\d.,'’\s]*$/; // \s: also the narrow spaces that languages group with
const GROUPED = /^\d{1,3}(?:,\d{2,3})*,\d{3}$/; // by two before the last in India

/** Returns a typed number as text with a point: "1234.50". Throws an Error that says what is wrong.

    `decimals`: how many it may have; `canBeThousands`: whether it may be so large that its thousands are
    separated; `currency`: of an amount, for the message. */
export function readNumber(text, { decimals = 6, canBeThousands = true, currency = "", language = locale } = {}) {
  const typed = text.trim(), sign = /^[-−]/.test(typed) ? "-" : "";
  if (!DIGITS_AND_SIGNS.test(typed) || !/\d/.test(typed)) throw notANumber(typed);
  const [whole, part] = split(typed.replace(/^[-−]\s*/, ""), { decimals, canBeThousands, language });
  if (part.replace(/0+$/, "").length > decimals) throw new Error(decimalsError(typed, decimals, currency));
  return sign + (whole.replace(/^0+(?=\d)/, "") || "0") + (part && decimals ? `.${part.slice(0, decimals)}` : "");
}

/** Returns a typed amount of money as text with exactly the currency's decimals. Throws as `readNumber`. */
export function readAmount(text, currency, decimals, language = locale) {
  const [whole, part = ""] = readNumber(text, { decimals, currency, language }).split(".");
  return decimals ? `${whole}.${part.padEnd(decimals, "0")}` : whole;
}

/** Returns the digits before and after the decimal sign. */
function split(text, options) {
  const signs = [...new Set(text.match(/[.,]/g))], isSpaced = /[\s'’]/.test(text);
  const mark = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  if (!signs.length) return [ungrouped(text, text), ""];
  const head = text.slice(0, mark), tail = text.slice(mark + 1);
  if (!/^\d*$/.test(tail)) throw notANumber(text);
  if (signs.length === 2 || isSpaced) return [ungrouped(head, text), tail];
  if (text.indexOf(signs[0]) !== mark) return [ungrouped(text, text), ""];
  const isEither = options.canBeThousands && tail.length === 3 && /^[1-9]\d{0,2}$/.test(head);
  return isEither ? decide(head, signs[0], tail, options) : [head, tail];
}

/** Returns digits without what separates their thousands, which has to be one and the same sign. */
function ungrouped(text, typed) {
  const signs = [...new Set(text.match(/\D/g))];
  if (!signs.length) return text;
  const isGrouped = signs.length === 1 && GROUPED.test(text.replaceAll(signs[0], ","));
  if (!isGrouped) throw new Error(gettext("“%(typed)s” is not a number: its thousands are separated oddly", { typed }));
  return text.replaceAll(signs[0], "");
}

/** Three digits after the only sign: thousands, or decimals? */
function decide(head, sign, tail, { decimals, language }) {
  const isDecimalSign = sign === decimalSign(language), hasRoom = decimals >= 3;
  if (isDecimalSign && hasRoom) return [head, tail];
  if (!isDecimalSign && !hasRoom) return [head + tail, ""];
  const values = { typed: head + sign + tail, whole: head + tail, start: head, small: `${head}${decimalSign(language)}${tail.slice(0, decimals)}` };
  throw new Error(decimals
    ? gettext("“%(typed)s” can be read as %(whole)s or as %(start)s and a fraction: type %(whole)s or %(small)s", values)
    : gettext("“%(typed)s” can be read as %(whole)s or as %(start)s and a fraction: type %(whole)s", values));
}

const notANumber = (typed) => new Error(gettext("“%(typed)s” is not a number", { typed }));

function decimalsError(typed, decimals, currency) {
  if (currency) {
    return decimals ? gettext("%(currency)s amounts have at most %(decimals)s decimals", { currency, decimals })
      : gettext("%(currency)s amounts have no decimals", { currency });
  }
  return decimals ? gettext("“%(typed)s” has more than %(decimals)s decimals", { typed, decimals })
    : gettext("“%(typed)s” is not a whole number", { typed });
}
