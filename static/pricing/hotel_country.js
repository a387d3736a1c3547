/* Country and region of the hotel's profile, whose public holidays are proposed as events. */

import { all, byId } from "../common/dom.js";
import { locale } from "../common/number_and_date_formats.js";
import { gettext } from "../common/translations.js";
import { saveProfile } from "./pricing_api.js";
import { showResult } from "./result_message.js";

/** Writes the countries' names beside their codes, in the browser's language. */
export function nameCountries() {
  const names = new Intl.DisplayNames([locale], { type: "region", fallback: "none" });
  for (const option of all("#country option")) {
    const name = option.value && names.of(option.value);
    if (name) option.textContent = `${option.value} · ${name}`;
  }
}

/** Offers the regions of the chosen country. */
export function offerRegions() {
  const regions = JSON.parse(byId("regions-by-country").textContent)[byId("country").value] ?? [];
  byId("region").replaceChildren(new Option(gettext("The whole country"), ""), ...regions.map((code) => new Option(code, code)));
}

export const isCountryEdited = () =>
  all("#country, #region").some(({ selectedOptions: [chosen] }) => chosen && !chosen.defaultSelected);

/** Saves country and region. `reload` loads the page anew. */
export async function tellCountry(reload) {
  const country = byId("country"), region = byId("region"), note = byId("country-wrong"), button = byId("save-country");
  button.disabled = true;
  note.hidden = true;
  try {
    await saveProfile({ country: country.value || null, region: region.value || null });
    for (const { options } of [country, region]) {
      for (const option of options) option.defaultSelected = option.selected;
    }
    await reload();
    showResult(country.value ? gettext("Saved; proposals include its public holidays.") : gettext("Saved; no public holidays are proposed."));
  } catch (error) {
    note.textContent = gettext("Nothing was changed: %(reason)s", { reason: error.message });
    note.hidden = false;
    country.focus();
  } finally {
    button.disabled = false;
  }
}
