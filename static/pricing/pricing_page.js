/* The pricing page. The server renders it whole; this script renews it, opens nights and months
   without a reload, and sends decisions and settings to the REST API. */

import { onColourChange } from "../common/chart_colours.js";
import { all, byId } from "../common/dom.js";
import { failureText, LivePage } from "../common/live_page.js";
import { forgetPart } from "../common/live_parts.js";
import { drawBookingCurve } from "./booking_curve_chart.js";
import { enhanceCalendar, listenToCalendar } from "./calendar.js";
import { acceptProposedStay } from "./calendar_proposals.js";
import { acceptMonth, decideNight, undoLast } from "./decisions.js";
import { isCountryEdited, nameCountries, offerRegions, tellCountry } from "./hotel_country.js";
import { saveNote } from "./night_note.js";
import { listenToOpenedNight, showOpenedNight } from "./opened_night.js";
import { tellRooms } from "./rooms_question.js";
import { fillProposals, preview, previewSoon, save, sendAll, settle } from "./settings_actions.js";
import { addRow, endNewRows, hasUnsavedChanges, isBegun, removeRow } from "./settings_form.js";
import { decideSeveral, severalChanged } from "./several_nights.js";

const POLL_MS = 3000;
const narrowWindow = matchMedia("(max-width: 68rem)"); // the settings are below the calendar there
const foldedOnce = new WeakSet();

const page = new LivePage({
  pollMs: POLL_MS,
  isEdited: (part) => (part.id === "settings-shown" ? hasUnsavedChanges() || isCountryEdited()
    : all("input, textarea, select", part).some(isTouched)),
  // Forms and addresses outside the live parts are those of one hotel and one reader's rights.
  isOtherPage: (other) => pageData(other) !== pageData(document),
  afterNavigation: showOpenedNight,
  enhance(ids) {
    if (ids.includes("settings-shown") || ids.includes("new")) settle();
    if (ids.includes("settings-shown")) nameCountries();
    if (ids.includes("calendar")) enhanceCalendar();
    if (ids.includes("night-shown")) drawBookingCurve();
    if (byId("night")?.matches("[open]:not(:modal)")) showOpenedNight();
    foldSettings(byId("settings-box"));
  },
  afterPoll({ failure }) {
    const notice = byId("connection");
    if (!notice) return;
    notice.hidden = !failure;
    const text = failure ? `${failureText(failure, "prices")}.` : "";
    if (notice.textContent !== text) notice.textContent = text;
  },
});
const reload = () => page.reload();

/** Whether a field says something else than the server wrote in it. */
function isTouched(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const written = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
  return field.selectedOptions[0] !== written;
}

const pageData = (root) => JSON.stringify({ ...root.getElementById("pricing")?.dataset });

function foldSettings(box) {
  if (!box || foldedOnce.has(box)) return;
  foldedOnce.add(box);
  if (narrowWindow.matches) box.open = false;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button");
  if (!button) return;
  if (button.id === "accept-all") acceptMonth(reload);
  else if ("step" in button.dataset) undoLast(button, reload);
  else if (button.id === "propose") fillProposals();
  else if (button.id === "send-all") sendAll(button, reload);
  else if (button.id === "discard") {
    forgetPart("settings-shown");
    reload();
  } else if ("add" in button.dataset) {
    addRow(button.closest(".list"));
    preview();
  } else if ("accept" in button.dataset) {
    acceptProposedStay(button);
    preview();
  } else if ("remove" in button.dataset) {
    removeRow(button.closest(".row"));
    preview();
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.closest("#decide")) decideNight(event.target, reload);
  else if (event.target.id === "several") decideSeveral(reload);
  else if (event.target.id === "tell-rooms") tellRooms(event.target, reload);
  else if (event.target.id === "tell-country") tellCountry(reload);
  else if (event.target.id === "note") saveNote(event.target, reload);
  else if (["settings", "make"].includes(event.target.id)) save(reload);
  else return;
  event.preventDefault();
});
document.addEventListener("input", ({ target }) => {
  if (target.form?.id === "settings") previewSoon();
  else if (target.form?.id === "several") severalChanged();
});
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const row = target.closest?.(".row[data-new]");
  if (!row || row.contains(relatedTarget) || !isBegun(row)) return;
  endNewRows([row]);
  previewSoon();
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "country") offerRegions();
});
onColourChange(drawBookingCurve);
listenToCalendar();
listenToOpenedNight(() => {
  page.stay(); // a night that was asked for before would open again
  page.forgetEtag();
});
page.start();
