/* The pages of first steps and settings: forms that are saved over the REST API, each by itself. */

import { all, byId } from "../common/dom.js";
import { currentAddress, LivePage } from "../common/live_page.js";
import { forgetPart } from "../common/live_parts.js";
import { locale } from "../common/number_and_date_formats.js";
import { callApi } from "../common/server_requests.js";
import { gettext } from "../common/translations.js";
import { readFormValues, showFormErrors } from "./form_values.js";

const POLL_MS = 3000;
const edited = new Set(); // ids of the parts in which a person has typed

const page = new LivePage({
  pollMs: POLL_MS,
  isEdited: (part) => edited.has(part.id) || part.contains(document.activeElement?.closest("input, select")),
  isOtherPage(other) { // another hotel's forms must not show what was typed for this one
    const isOther = other.getElementById("hotel-forms")?.dataset.hotel !== byId("hotel-forms").dataset.hotel;
    if (isOther) edited.clear();
    return isOther;
  },
  enhance() {
    nameCountries();
    proposeZone();
  },
});

document.addEventListener("input", ({ target }) => {
  const part = target.closest("[data-live]");
  if (part) edited.add(part.id);
});
document.addEventListener("change", ({ target }) => {
  if ("regionsFor" in target.dataset) offerRegions(target);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button");
  if (!button) return;
  if ("add" in button.dataset) addRow(button);
  else if ("remove" in button.dataset) removeRow(button);
});
document.addEventListener("submit", (event) => {
  if (!event.target.dataset.patch) return;
  event.preventDefault();
  save(event.target);
});
page.start();

async function save(form) {
  const part = form.closest("[data-live]"), button = form.querySelector("button:not([type=button])");
  const { values, errors } = readFormValues(form);
  showFormErrors(form, errors);
  if (Object.keys(errors).length) {
    form.querySelector("[aria-invalid=true]")?.focus();
    return;
  }
  button.disabled = true;
  try {
    await callApi("PATCH", form.dataset.patch, values);
    edited.delete(part.id);
    forgetPart(part.id);
    document.activeElement.blur(); // a part that is typed in is not renewed
    await page.navigate(currentAddress(), { push: false });
    const saved = byId(part.id)?.querySelector(".result");
    if (saved) saved.textContent = gettext("Saved.");
    byId(part.id)?.querySelector("h2")?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    showFormErrors(form, error.fields ?? { detail: error.message });
    form.querySelector("[aria-invalid=true]")?.focus();
    button.disabled = false;
  }
}

/** Writes the countries' names beside their codes, in the browser's language. */
function nameCountries() {
  const names = new Intl.DisplayNames([locale], { type: "region", fallback: "none" });
  for (const option of all("[data-regions-for] option")) {
    const name = option.value && names.of(option.value);
    if (name) option.textContent = `${option.value} · ${name}`;
  }
}

function offerRegions(country) {
  const regions = JSON.parse(byId("regions-by-country").textContent)[country.value] ?? [];
  byId(country.dataset.regionsFor).replaceChildren(new Option(gettext("The whole country"), ""), ...regions.map((code) => new Option(code, code)));
}

/** Proposes the browser's time zone where nobody has told the hotel's. */
function proposeZone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for (const select of all("[data-propose-zone]")) {
    if ([...select.options].some(({ value }) => value === timeZone)) select.value = timeZone;
  }
}

function addRow(button) {
  const list = button.closest(".list"), template = list.querySelector("template");
  list.insertBefore(template.content.cloneNode(true), template);
  all(".row", list).at(-1).querySelector("input").focus();
  edited.add(list.closest("[data-live]").id);
}

function removeRow(button) {
  const list = button.closest(".list");
  button.closest(".row").remove();
  list.querySelector("[data-add]").focus();
  edited.add(list.closest("[data-live]").id);
}
