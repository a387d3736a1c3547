/* The dialog of one night. Its address is a view of its own: `night=` in the query string. */

import { byId } from "../common/dom.js";
import { currentAddress } from "../common/live_page.js";
import { forgetPart } from "../common/live_parts.js";

/** Opens or closes the dialog as the address says. */
export function showOpenedNight() {
  const dialog = byId("night"), night = new URL(currentAddress()).searchParams.get("night");
  if (!dialog) return;
  if (!night) {
    if (dialog.open) dialog.close();
    return;
  }
  if (!dialog.matches(":modal")) {
    dialog.open = false; // the server writes it open, for readers without script
    dialog.showModal();
  }
  dialog.scrollTop = 0;
  byId("night-title")?.focus();
}

/** Starts to listen to what closes the dialog. To be called once, before the page starts.

    `onClosed` is called when the address was changed, so that it no longer names the night. */
export function listenToOpenedNight(onClosed) {
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#night a.close")) return;
    event.preventDefault();
    byId("night").close();
  });
  document.addEventListener("close", (event) => { // does not bubble, but is captured
    if (event.target.id !== "night" || !leaveNight()) return;
    onClosed();
  }, true);
}

/** Takes the night out of the address and focuses it in the calendar. Returns whether it was there.

    The history forgets the night too: Back leads to what was before it, and does not open it again. */
function leaveNight() {
  const url = new URL(currentAddress()), night = url.searchParams.get("night");
  if (!night) return false;
  url.searchParams.delete("night");
  url.searchParams.set("month", night.slice(0, 7));
  history.replaceState(null, "", url);
  forgetPart("night-shown");
  document.querySelector(`a.cell[data-night="${CSS.escape(night)}"]`)?.focus({ preventScroll: true });
  return true;
}
