/* Decisions about prices: accept, override, lock or release a night, accept a month; undo the last act.

   Each act of a night has a form of its own, so that Enter in a field does what its button says.
   After each the page is loaded anew, so that it shows what the server stored. */

import { all, byId } from "../common/dom.js";
import { errorText } from "../common/server_requests.js";
import { gettext, ngettext } from "../common/translations.js";
import { isConfirmed } from "./confirmation.js";
import { postDecision, undoStep } from "./pricing_api.js";
import { showResult } from "./result_message.js";
import { forgetDone } from "./several_nights.js";
import { amountIn } from "./typed_amounts.js";

const RESULTS = { accept: gettext("Accepted."), override: gettext("Set and held."), lock: gettext("Locked."), release: gettext("Released.") };

/** Sends the decision of a form of the opened night. `reload` loads the page anew. */
export async function decideNight(form, reload) {
  const { act } = form.dataset, place = byId("decide"), buttons = all("button", place);
  const input = place.querySelector("[name=price]");
  byId("decide-wrong").hidden = true;
  input.removeAttribute("aria-invalid");
  for (const button of buttons) button.disabled = true;
  try {
    await postDecision(readDecision(place, act));
    await reload();
    showResult(RESULTS[act]);
    byId("night-title")?.focus({ preventScroll: true });
  } catch (error) {
    if (act === "accept" && error.fields?.price) {
      await reload(); // the new recommended price can be accepted then
      showDecisionError(gettext("Not accepted: %(reason)s. Look again, then accept.", { reason: errorText(error.fields.price) }));
      return;
    }
    showDecisionError(gettext("Nothing was changed: %(reason)s", { reason: error.message }));
    if (act === "override") {
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function readDecision(place, action) {
  const { night, recommended, currency } = place.dataset;
  const price = action === "accept" ? recommended
    : action === "override" ? amountIn(currency, place.querySelector("[name=price]").value) : undefined;
  const reason = place.querySelector("[name=reason]").value.trim();
  return { nights: [night], action, ...(price !== undefined && { price }), ...(reason && { reason }) };
}

function showDecisionError(text) {
  const place = byId("decide-wrong");
  if (!place) return; // the night was closed meanwhile
  place.textContent = text;
  place.hidden = false;
}

/** Accepts all suggestions of the month as they are shown, once a dialog was confirmed. */
export async function acceptMonth(reload) {
  const suggested = JSON.parse(byId("suggested").textContent), count = suggested.length;
  const question = ngettext("Accept the recommended price of %(count)s night?", "Accept the recommended prices of %(count)s nights?", count, { count });
  if (!await isConfirmed(question, gettext("Accept them"))) return;
  const nights = suggested.map((row) => row.night), seen = suggested.map((row) => row.recommended);
  try {
    await postDecision({ nights, seen, action: "accept" });
    await reload();
    showResult(ngettext("%(count)s price accepted.", "%(count)s prices accepted.", count, { count }));
  } catch (error) {
    await reload();
    const reason = error.message;
    showResult(error.fields?.seen ? gettext("Nothing was changed: %(reason)s. Look again, then accept.", { reason }) : gettext("Nothing was changed: %(reason)s", { reason }));
  }
}

/** Undoes the act that the button names. */
export async function undoLast(button, reload) {
  button.disabled = true;
  try {
    const { nights } = await undoStep(Number(button.dataset.step));
    await reload();
    forgetDone();
    showResult(nights ? ngettext("Undone; %(nights)s night has the price of before.", "Undone; %(nights)s nights have the price of before.", nights, { nights }) : gettext("Undone."));
  } catch (error) {
    await reload();
    showResult(gettext("Not undone: %(reason)s", { reason: error.message }));
  } finally {
    button.disabled = false;
  }
}
