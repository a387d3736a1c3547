/* The budget page works without this script. With it, numbers are in the browser's language, and so are
   those that a person types: each is read before the form is sent, and what could be two numbers is said. */

import { all, byId } from "../common/dom.js";
import { localise } from "../common/number_and_date_formats.js";
import { readNumber } from "../common/number_input.js";
import { enhanceWideTables } from "../common/wide_tables.js";

const isRevenue = (input) => input.name.startsWith("revenue");

/** A typed number as the server reads it in one way only: three decimals could be thousands, four not. */
function plainNumber(input) {
  const decimals = isRevenue(input) ? Number(byId("budget-form").dataset.decimals) : 0;
  const [whole, part = ""] = readNumber(input.value, { decimals }).split(".");
  return part ? `${whole}.${part.length === 3 ? `${part}0` : part}` : whole;
}

function check(input) {
  let wrong = "";
  try {
    if (input.value.trim()) plainNumber(input);
  } catch (error) { wrong = error.message; }
  input.setCustomValidity(wrong);
}

localise(document.body);
enhanceWideTables();
const form = byId("budget-form");
form?.addEventListener("input", ({ target }) => check(target));
form?.addEventListener("formdata", ({ formData }) => {
  for (const input of all("input[data-number]", form)) {
    if (input.value.trim()) formData.set(input.name, plainNumber(input));
  }
});
byId("hotel")?.addEventListener("change", ({ target }) => target.form.requestSubmit());
