/* A change of the currency in the settings: what has to be sent with it, and what it does, as a question.

   All amounts of the form go with it, as amounts in the new currency. Lists of amounts that the person
   left as they were are emptied: they are in the old currency. */

import { all, byId } from "../common/dom.js";
import { formatNumber } from "../common/number_and_date_formats.js";
import { gettext, ngettext } from "../common/translations.js";

const AMOUNTS = ["base_price", "minimum_price", "maximum_price", "price_step"];
const LISTS = {
  bounds: (n) => ngettext("%(count)s rule of bounds", "%(count)s rules of bounds", n, { count: formatNumber(n) }),
  fixed_prices: (n) => ngettext("%(count)s fixed price", "%(count)s fixed prices", n, { count: formatNumber(n) }),
};

/** Returns the changes with what another currency needs; without one, as they are.

    `form` and `saved` are all values of the form, now and as saved. */
export function withCurrencyChange(changes, form, saved) {
  if (!changes.currency) return changes;
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, form[name]]));
  const emptied = Object.keys(LISTS).filter((name) => !hasNewRows(name, saved)).map((name) => [name, []]);
  return { ...changes, ...amounts, ...Object.fromEntries(emptied) };
}

/** Whether a person changed rows of a list. What they hold is not compared: currencies write it differently. */
function hasNewRows(name, saved) {
  const inputs = all(`[data-rows="${name}"] .row input`, byId("settings"));
  return all(`[data-rows="${name}"] .row`, byId("settings")).length !== saved[name].length
    || inputs.some((input) => input.value !== input.defaultValue || input.checked !== input.defaultChecked);
}

/** Returns what a change of the currency does, in words. */
export function currencyQuestion(changes, saved) {
  const { coming, held } = byId("settings-shown").dataset, { currency } = changes;
  const [base, lowest, highest] = AMOUNTS.map((name) => formatNumber(changes[name], "money"));
  const prices = Number(coming), count = formatNumber(prices);
  const parts = [
    ngettext(
      "%(count)s price is made anew in %(currency)s, from a base price of %(base)s between %(lowest)s and %(highest)s %(currency)s. Nothing is converted.",
      "All %(count)s prices are made anew in %(currency)s, from a base price of %(base)s between %(lowest)s and %(highest)s %(currency)s. Nothing is converted.",
      prices, { count, currency, base, lowest, highest },
    ),
  ];
  const lost = Object.entries(LISTS).filter(([name]) => !changes[name].length && saved[name].length)
    .map(([name, words]) => words(saved[name].length));
  const values = { currency: saved.currency, rows: lost[0], others: lost[1] };
  if (lost.length === 1) parts.push(gettext("%(rows)s in %(currency)s will be removed.", values));
  if (lost.length === 2) parts.push(gettext("%(rows)s and %(others)s in %(currency)s will be removed.", values));
  if (Number(held)) {
    parts.push(ngettext(
      "%(count)s price that a person holds in %(currency)s will be released.",
      "%(count)s prices that a person holds in %(currency)s will be released.",
      Number(held), { count: formatNumber(Number(held)), currency: saved.currency },
    ));
  }
  return parts.join(" ");
}
