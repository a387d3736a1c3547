/* The note of the opened night: its form writes, changes and removes it. */

import { all, byId } from "../common/dom.js";
import { gettext } from "../common/translations.js";
import { postNote } from "./pricing_api.js";
import { showResult } from "./result_message.js";

/** Sends the note of the night's form. `reload` loads the page anew. */
export async function saveNote(form, reload) {
  const buttons = all("button", form), text = form.elements.text.value.trim();
  byId("note-wrong").hidden = true;
  for (const button of buttons) button.disabled = true;
  try {
    await postNote([form.dataset.night], text);
    await reload();
    showResult(text ? gettext("The note is stored.") : gettext("The note is removed."));
    byId("night-title")?.focus({ preventScroll: true });
  } catch (error) {
    const place = byId("note-wrong");
    if (!place) return; // the night was closed meanwhile
    place.textContent = gettext("Nothing was changed: %(reason)s", { reason: error.message });
    place.hidden = false;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
