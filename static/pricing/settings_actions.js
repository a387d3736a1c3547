/* What the settings form does over the REST API: preview, save, and fill in proposals. */

import { byId } from "../common/dom.js";
import { gettext, ngettext } from "../common/translations.js";
import { setPreview } from "./calendar.js";
import { fillEvents, offerStays } from "./calendar_proposals.js";
import { isConfirmed } from "./confirmation.js";
import { currencyQuestion } from "./currency_change.js";
import { fetchProposal, postSendAll, previewRules, saveRules } from "./pricing_api.js";
import { showResult } from "./result_message.js";
import { fillRoomTypes } from "./room_type_proposals.js";
import {
  changesToSend, endNewRows, fillNumbers, focusFirstError, isNewHotel, markSaved, savedValues, showErrors, showUnsaved,
  unreadableIn, withoutNewRows,
} from "./settings_form.js";

const PREVIEW_AFTER_MS = 300; // without a key being pressed
let timer = null, previews = 0; // an answer that is no longer the newest preview's is dropped

export function previewSoon() {
  clearTimeout(timer);
  timer = setTimeout(preview, PREVIEW_AFTER_MS);
}

/** Shows in the calendar what the unsaved changes would do, and their errors in the form. */
export async function preview() {
  const mine = ++previews, rules = changesToSend(), isUnsaved = Object.keys(rules).length > 0;
  showUnsaved(isUnsaved);
  let rows = null, errors = unreadableIn(rules);
  if (isUnsaved && !Object.keys(errors).length) {
    try {
      rows = await previewRules(rules);
    } catch (error) { errors = errorsOf(error); }
  }
  if (mine !== previews) return;
  showErrors(withoutNewRows(errors));
  setPreview(rows);
}

/** The form shows the saved rules. Ends the preview. */
export function settle() {
  cancelPreview();
  markSaved();
  setPreview(null);
}

function cancelPreview() {
  clearTimeout(timer);
  previews += 1;
}

/** Saves the changes, or makes the prices of a hotel without any. `reload` loads the page anew. */
export async function save(reload) {
  const isNew = isNewHotel();
  const button = byId(isNew ? "make" : "settings").querySelector("button.strong");
  const changes = changesToSend(), unreadable = unreadableIn(changes);
  endNewRows();
  button.disabled = true;
  cancelPreview();
  showResult("");
  try {
    if (Object.keys(unreadable).length) throw Object.assign(new Error("unreadable"), { fields: unreadable });
    if (!isNew && changes.currency && !await isConfirmed(currencyQuestion(changes, savedValues()), gettext("Make the prices anew in %(currency)s", { currency: changes.currency }))) {
      button.disabled = false;
      return;
    }
    const { webhook_secret: secret } = await saveRules(changes);
    await reload();
    if (isNew) return;
    settle();
    showResult(secret ? gettext("Saved. Posts are signed with this secret; store it, it is not shown again: %(secret)s", { secret })
      : gettext("Saved; the prices follow the new settings."));
  } catch (error) {
    showErrors(errorsOf(error));
    focusFirstError();
    button.disabled = false;
  }
}

/** Fills in what the hotel's history proposes. */
export async function fillProposals() {
  let proposal;
  try {
    proposal = await fetchProposal();
  } catch (error) {
    showErrors({ detail: error.message });
    return;
  }
  const fields = Object.entries(proposal)
    .filter(([name, numbers]) => ["month_factors", "weekday_factors"].includes(name) && numbers);
  for (const [name, numbers] of fields) fillNumbers(name, numbers);
  const events = fillEvents(proposal.events), stays = offerStays(proposal.minimum_stays), types = fillRoomTypes(proposal.room_types);
  const isFilled = fields.length || events || types;
  const parts = [isFilled && filledText(events, types), stays && staysText(stays)].filter(Boolean);
  showResult(parts.length ? parts.join(" ") : gettext("There is too little history for proposals."));
  preview();
}

/** What of the proposals is filled in: always the factors that there are, events and room types too. */
function filledText(events, types) {
  const values = {
    events: ngettext("%(count)s public holiday among the events", "%(count)s public holidays among the events", events, { count: events }),
    types: ngettext("%(count)s room type: check how many rooms each has", "%(count)s room types: check how many rooms each has", types, { count: types }),
  };
  if (events && types) return gettext("Proposals are filled in, %(events)s, %(types)s; not saved.", values);
  if (events) return gettext("Proposals are filled in, %(events)s; not saved.", values);
  if (types) return gettext("Proposals are filled in, %(types)s; not saved.", values);
  return gettext("Proposals are filled in; not saved.");
}

const staysText = (stays) => ngettext(
  "%(stays)s minimum stay is proposed under Minimum stay: accept what you want.",
  "%(stays)s minimum stays are proposed under Minimum stay: accept what you want.", stays, { stays },
);

/** Has all present prices sent to the booking system again. `reload` loads the page anew. */
export async function sendAll(button, reload) {
  button.disabled = true;
  try {
    const { nights } = await postSendAll(button.dataset.address);
    await reload();
    showResult(ngettext("%(nights)s night is sent again.", "%(nights)s nights are sent again.", nights, { nights }));
  } catch (error) {
    showResult(gettext("Nothing is sent: %(reason)s", { reason: error.message }));
  } finally {
    button.disabled = false;
  }
}

const errorsOf = (error) => error.fields || { detail: error.message };
