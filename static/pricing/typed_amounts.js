/* Amounts that a person types on the pricing page, in a currency with its decimals. */

import { byId } from "../common/dom.js";
import { readAmount } from "../common/number_input.js";

const USUAL_DECIMALS = 2;

/** How many decimals amounts of a currency have, as the server knows them. */
export const decimalsOf = (currency) => JSON.parse(byId("unusual-decimals").textContent)[currency] ?? USUAL_DECIMALS;

/** Returns a typed amount as the API takes it; nothing typed stays empty. Throws an Error that says what is wrong. */
export const amountIn = (currency, text) => (text.trim() ? readAmount(text, currency, decimalsOf(currency)) : "");
