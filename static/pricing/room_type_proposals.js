/* Proposed room types fill the list of room types. Nothing is saved before the form is. */

import { addFilledRow, readRows } from "./settings_form.js";

const key = (name) => name.trim().toLowerCase();

/** Adds proposed room types that are not in the form yet. Returns how many.

    A difference that is not known stays empty: the list is refused until a person gives one. */
export function fillRoomTypes(roomTypes) {
  const rows = readRows("room_types"), names = new Set(rows.map((row) => key(row.name)));
  const hasReference = rows.some((row) => row.is_reference);
  const missing = roomTypes.filter(({ name }) => !names.has(key(name)));
  for (const { name, is_reference, percent, rooms } of missing) {
    addFilledRow("room_types", { name, rooms, percent, is_reference: is_reference && !hasReference });
  }
  return missing.length;
}
