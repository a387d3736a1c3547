/* The form of the pricing rules: what it says, what of it is not saved, and errors beside its fields.

   The form of a hotel that has no prices yet (`make`) is read in the same way. */

import { all, byId } from "../common/dom.js";
import { writeNumber } from "../common/number_and_date_formats.js";
import { readNumber } from "../common/number_input.js";
import { errorText } from "../common/server_requests.js";
import { withCurrencyChange } from "./currency_change.js";
import { amountIn } from "./typed_amounts.js";

const numberOf = (options) => (text) => (text.trim() ? Number(readNumber(text, { canBeThousands: false, ...options })) : null);
const currency = () => readText(form().querySelector("[data-field=currency]").value).toUpperCase();
const readText = (text) => text.trim();
// By `data-kind`. Amounts stay text, as the API takes them exactly.
const READERS = {
  text: readText,
  currency: (text) => readText(text).toUpperCase(),
  optional: (text) => text || null,
  money: (text) => amountIn(currency(), text),
  amount: (text) => amountIn(currency(), text) || null,
  whole: numberOf({ decimals: 0 }),
  factor: numberOf({}),
  numbers: numberOf({}),
};
let saved = {}; // the form's values when it was last loaded or saved
let unreadable = {}; // by field or list: why something in it is not a number

const form = () => byId("settings") || byId("make");
export const isNewHotel = () => !byId("settings");

/** Returns the form as the API takes it: every field and every list, whole; what is unreadable, as typed. */
export function readForm() {
  const values = {};
  unreadable = {};
  for (const input of all("[data-field]", form())) {
    const { field, kind } = input.dataset;
    if (kind === "secret") { // an empty one keeps the stored secret
      if (input.value) values[field] = input.value;
      continue;
    }
    const value = kind === "flag" ? input.checked : read(kind, input.value, field, "");
    if (kind === "numbers") (values[field] ??= []).push(value);
    else values[field] = value;
  }
  for (const list of all("[data-rows]", form())) {
    const isPairs = list.dataset.rows === "lead_factors";
    values[list.dataset.rows] = all(".row", list).map((row, index) => readRow(row, isPairs, list.dataset.rows, index));
  }
  return values;
}

function read(kind, text, name, row) {
  try {
    return READERS[kind](text);
  } catch (error) {
    (unreadable[name] ??= []).push(row + error.message);
    return text;
  }
}

function readRow(row, isPairs, name, index) {
  const columns = all("[data-column]", row).map((place) => [place.dataset.column, readColumn(place, name, index)]);
  return isPairs ? columns.map(([, value]) => value) : Object.fromEntries(columns);
}

function readColumn(place, name, index) {
  const { kind } = place.dataset;
  switch (kind) {
    case undefined: return place.value;
    case "flag": return place.checked;
    case "weekdays": return all(":checked", place).map((box) => Number(box.value));
    default: return read(kind, place.value, name, `${index}: `);
  }
}

/** Returns the rows of a list as they stand in the form. */
export const readRows = (name) => all(`[data-rows="${name}"] .row`, form()).map((row, index) => readRow(row, false, name, index));

/** Returns the fields and lists that differ from the saved ones. */
export function unsavedChanges() {
  if (isNewHotel()) return {};
  return Object.fromEntries(Object.entries(readForm())
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(saved[name])));
}

/** Returns what the API is to be sent: the changes, with all that another currency needs. */
export const changesToSend = () => (isNewHotel() ? readForm() : withCurrencyChange(unsavedChanges(), readForm(), saved));

/** Returns why fields of these changes cannot be read, as the API writes errors; not of lists that are emptied. */
export const unreadableIn = (changes) => Object.fromEntries(Object.entries(unreadable)
  .filter(([name]) => name in changes && !(Array.isArray(changes[name]) && !changes[name].length)));

/** The values that were last loaded or saved. */
export const savedValues = () => saved;

export const hasUnsavedChanges = () => Object.keys(unsavedChanges()).length > 0;

/** Takes the form's present values for the saved ones. */
export function markSaved() {
  saved = isNewHotel() ? {} : readForm();
  showErrors({});
  showUnsaved(false);
}

export function showUnsaved(isUnsaved) {
  if (!byId("save")) return;
  byId("save").disabled = !isUnsaved;
  byId("discard").hidden = !isUnsaved;
}

/** Shows the API's errors, by field; what belongs to no field is shown at the end. */
export function showErrors(errors) {
  if (!form()) return;
  const rest = { ...errors };
  for (const note of all(".wrong[data-made]", form())) note.remove();
  for (const input of all("[data-field]", form())) {
    const { field } = input.dataset, reasons = errors[field];
    if (reasons) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (!reasons || form().querySelector(`[data-wrong="${field}"]`)) continue;
    delete rest[field];
    addError(input, errorText(reasons));
  }
  for (const note of all("[data-wrong]", form())) {
    const reasons = errors[note.dataset.wrong];
    delete rest[note.dataset.wrong];
    fillNote(note, reasons ? errorText(reasons) : "");
  }
  const note = form().querySelector("[data-rest]");
  if (note) fillNote(note, errorText(rest));
}

function addError(input, text) {
  const note = document.createElement("p");
  Object.assign(note, { className: "wrong", id: `wrong-${input.dataset.field}`, textContent: text });
  note.dataset.made = "yes";
  input.setAttribute("aria-describedby", note.id);
  input.after(note);
}

function fillNote(note, text) {
  note.textContent = text;
  note.hidden = !text;
}

/** Unfolds what holds errors and focuses the first wrong field. */
export function focusFirstError() {
  for (const details of all(".settings details")) {
    if (details.querySelector(".wrong:not([hidden])")) details.open = true;
  }
  form().querySelector("[aria-invalid=true]")?.focus();
}

/** Adds an empty row. What is missing in it is no error before it is filled in, left or saved. */
export function addRow(list) {
  const template = list.querySelector("template");
  list.insertBefore(template.content.cloneNode(true), template);
  const row = all(".row", list).at(-1);
  row.dataset.new = "";
  row.querySelector("input").focus();
}

/** Takes new rows for filled in: one that was left with something typed in it, or all. */
export function endNewRows(rows = all(".row[data-new]", form())) {
  for (const row of rows) delete row.dataset.new;
}

/** Whether something is typed or chosen in a row. */
export const isBegun = (row) => all("input", row).some((input) => (input.type === "checkbox" ? input.checked : input.value));

/** Returns errors without those of lists in which a new row is not filled in yet. */
export function withoutNewRows(errors) {
  const isMissing = (input) => input.type !== "checkbox" && !input.value;
  const rows = all(".row[data-new]", form()).filter((row) => all("input", row).some(isMissing));
  const filling = new Set(rows.map((row) => row.closest("[data-rows]").dataset.rows));
  return Object.fromEntries(Object.entries(errors).filter(([name]) => !filling.has(name)));
}

/** Adds a row with values by column, and unfolds its list. */
export function addFilledRow(name, values) {
  const list = form().querySelector(`[data-rows="${name}"]`), template = list.querySelector("template");
  list.insertBefore(template.content.cloneNode(true), template);
  const row = all(".row", list).at(-1);
  for (const [column, value] of Object.entries(values)) {
    const place = row.querySelector(`[data-column="${column}"]`);
    if (place.dataset.kind === "flag") place.checked = value;
    else place.value = typeof value === "number" ? writeNumber(value) : value ?? "";
  }
  list.closest("details").open = true;
}

export function removeRow(row) {
  const list = row.closest(".list");
  row.remove();
  list.querySelector("[data-add]").focus();
}

/** Fills in a list of twelve or seven numbers, and unfolds it. */
export function fillNumbers(field, numbers) {
  all(`[data-field="${field}"]`).forEach((input, index) => {
    input.value = writeNumber(Math.round(numbers[index] * 100) / 100);
    input.closest("details").open = true;
  });
}
