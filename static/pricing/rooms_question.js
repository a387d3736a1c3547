/* The question how many rooms the hotel has; the answer belongs to the hotel's profile. */

import { byId } from "../common/dom.js";
import { readNumber } from "../common/number_input.js";
import { gettext } from "../common/translations.js";
import { saveProfile } from "./pricing_api.js";
import { showResult } from "./result_message.js";

/** Saves the number of rooms. `reload` loads the page anew. */
export async function tellRooms(form, reload) {
  const input = byId("rooms-told"), button = form.querySelector("button"), note = byId("rooms-wrong");
  button.disabled = true;
  note.hidden = true;
  try {
    const rooms = input.value.trim() && Number(readNumber(input.value, { decimals: 0, canBeThousands: false }));
    await saveProfile({ rooms: rooms === "" ? null : rooms });
    await reload();
    showResult(gettext("Saved; the nights are priced with these rooms."));
  } catch (error) {
    note.textContent = gettext("Nothing was changed: %(reason)s", { reason: error.message });
    note.hidden = false;
    input.focus();
  } finally {
    button.disabled = false;
  }
}
