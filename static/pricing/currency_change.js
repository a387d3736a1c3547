/* A change of the currency in the settings: what has to be sent with it, and what it does, as a question.

   All amounts of the form go with it, as amounts in the new currency. Lists of amounts that the person
   left as they were are emptied: they are in the old currency. */

import { all, byId } from "../common/dom.js";
import { formatNumber } from "../common/number_and_date_formats.js";

const AMOUNTS = ["base_price", "minimum_price", "maximum_price", "price_step"];
const LISTS = { bounds: ["rule of bounds", "rules of bounds"], fixed_prices: ["fixed price", "fixed prices"] };

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
  const lost = Object.entries(LISTS).filter(([name]) => !changes[name].length && saved[name].length)
    .map(([name, words]) => counted(saved[name].length, words));
  const removed = lost.length ? ` ${lost.join(" and ")} in ${saved.currency} will be removed.` : "";
  const released = Number(held) ? ` ${counted(Number(held), ["price", "prices"])} that a person holds in ${saved.currency} will be released.` : "";
  return `${counted(Number(coming), ["price is", "prices are"], "All ")} made anew in ${currency}, from a base price of ${base} between ${lowest} and ${highest} ${currency}. Nothing is converted.${removed}${released}`;
}

const counted = (count, [one, several], all = "") => (count === 1 ? `1 ${one}` : `${all}${formatNumber(count)} ${several}`);
