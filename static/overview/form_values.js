/* Reads a form as the REST API takes it, and shows the API's errors beside its fields. */

import { all, byId } from "../common/dom.js";
import { readAmount, readNumber } from "../common/number_input.js";
import { errorText } from "../common/server_requests.js";
import { gettext } from "../common/translations.js";

const USUAL_DECIMALS = 2;
const decimalsOf = (currency) => JSON.parse(byId("unusual-decimals").textContent)[currency] ?? USUAL_DECIMALS;
const typed = (text, read) => (text.trim() ? read(text) : null);
// By `data-kind`. Amounts stay text, as the API takes them exactly.
const READERS = {
  text: (text) => text.trim(),
  plain: (text) => text.trim(),
  optional: (text) => text || null,
  kept: (text) => text || null, // as the server wrote it
  whole: (text) => typed(text, () => Number(readNumber(text, { decimals: 0, canBeThousands: false }))),
  decimal: (text) => typed(text, () => Number(readNumber(text, { canBeThousands: false }))),
  money: (text, currency) => (text.trim() ? readAmount(text, currency, decimalsOf(currency)) : ""),
  amount: (text, currency) => typed(text, () => readAmount(text, currency, decimalsOf(currency))),
};

/** Returns { values, errors }: what the API is to be sent, and why something cannot be read, by field. */
export function readFormValues(form) {
  const { currency } = form.dataset, values = {}, errors = {};
  const read = (input, name) => {
    if (input.dataset.kind === "flag") return input.checked;
    try {
      return READERS[input.dataset.kind](input.value, currency);
    } catch (error) {
      (errors[name] ??= []).push(error.message);
      return null;
    }
  };
  for (const input of all("[data-field]", form)) {
    const { field } = input.dataset;
    values[field] = read(input, field);
    if (input.required && [null, ""].includes(values[field])) errors[field] ??= [gettext("is needed")];
  }
  for (const list of all("[data-rows]", form)) {
    const { rows: name, fixed } = list.dataset;
    const rows = all(".row", list).map((row) => Object.fromEntries(all("[data-column]", row).map((input) => [input.dataset.column, read(input, name)])));
    values[name] = [...(values[name] ?? []), ...rows.map((row) => (fixed ? { ...row, [fixed]: 0 } : row))];
  }
  return { values, errors };
}

/** Shows errors by field; what belongs to no field is shown at the form's end. */
export function showFormErrors(form, errors) {
  const rest = { ...errors };
  for (const note of all("[data-made]", form)) note.remove();
  for (const input of all("[data-field]", form)) {
    const { field } = input.dataset, reasons = errors[field];
    input.removeAttribute("aria-invalid");
    if (!reasons) continue;
    delete rest[field];
    input.setAttribute("aria-invalid", "true");
    addNote(input, errorText(reasons));
  }
  for (const note of all("[data-wrong]", form)) {
    const reasons = errors[note.dataset.wrong];
    delete rest[note.dataset.wrong];
    fill(note, reasons ? errorText(reasons) : "");
  }
  fill(form.querySelector("[data-rest]"), errorText(rest));
}

function addNote(input, text) {
  const note = document.createElement("p");
  Object.assign(note, { className: "wrong", id: `wrong-${input.id}`, textContent: text });
  note.dataset.made = "yes";
  input.setAttribute("aria-describedby", note.id);
  input.after(note);
}

function fill(note, text) {
  note.textContent = text;
  note.hidden = !text;
}
