/* The form of the pricing rules: what it says, what of it is not saved, and errors beside its fields.

   The form of a hotel that has no prices yet (`make`) is read in the same way. */

import { all, byId } from "../common/dom.js";
import { errorText } from "../common/server_requests.js";

const parseNumber = (text) => (text === "" ? null : Number(text));
// By `data-kind`. Amounts stay text, as the API takes them exactly; percentages become shares.
const PARSERS = {
  text: (text) => text.trim(),
  optional: (text) => text || null,
  money: (text) => text.trim(),
  number: parseNumber,
  numbers: parseNumber,
  percents: (text) => (text === "" ? null : Math.round(Number(text) * 10) / 1000),
};
let saved = {}; // the form's values when it was last loaded or saved

const form = () => byId("settings") || byId("make");
export const isNewHotel = () => !byId("settings");

/** Returns the form as the API takes it: every field and every list, whole. */
export function readForm() {
  const values = {};
  for (const input of all("[data-field]", form())) {
    const { field, kind } = input.dataset;
    if (kind === "secret") { // an empty one keeps the stored secret
      if (input.value) values[field] = input.value;
      continue;
    }
    const value = PARSERS[kind](input.value);
    if (kind === "numbers" || kind === "percents") (values[field] ??= []).push(value);
    else values[field] = value;
  }
  for (const list of all("[data-rows]", form())) {
    const isPairs = list.dataset.rows === "lead_factors";
    values[list.dataset.rows] = all(".row", list).map((row) => readRow(row, isPairs));
  }
  return values;
}

function readRow(row, isPairs) {
  const columns = all("[data-column]", row).map((place) => [place.dataset.column, readColumn(place)]);
  return isPairs ? columns.map(([, value]) => value) : Object.fromEntries(columns);
}

function readColumn(place) {
  switch (place.dataset.kind) {
    case "number": return parseNumber(place.value);
    case "amount": return place.value.trim() || null;
    case "flag": return place.checked;
    case "weekdays": return all(":checked", place).map((box) => Number(box.value));
    default: return place.value;
  }
}

/** Returns the rows of a list as they stand in the form. */
export const readRows = (name) => all(`[data-rows="${name}"] .row`, form()).map((row) => readRow(row, false));

/** Returns the fields and lists that differ from the saved ones. */
export function unsavedChanges() {
  if (isNewHotel()) return {};
  return Object.fromEntries(Object.entries(readForm())
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(saved[name])));
}

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

export function addRow(list) {
  const template = list.querySelector("template");
  list.insertBefore(template.content.cloneNode(true), template);
  all(".row", list).at(-1).querySelector("input").focus();
}

/** Adds a row with values by column, and unfolds its list. */
export function addFilledRow(name, values) {
  const list = form().querySelector(`[data-rows="${name}"]`), template = list.querySelector("template");
  list.insertBefore(template.content.cloneNode(true), template);
  const row = all(".row", list).at(-1);
  for (const [column, value] of Object.entries(values)) {
    const place = row.querySelector(`[data-column="${column}"]`);
    if (place.dataset.kind === "flag") place.checked = value;
    else place.value = value ?? "";
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
    input.value = Math.round(numbers[index] * 100) / 100;
    input.closest("details").open = true;
  });
}
