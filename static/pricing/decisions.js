/* Decisions about prices: accept, override, lock or release a night, accept a month; undo the last act.

   Each act of a night has a form of its own, so that Enter in a field does what its button says.
   After each the page is loaded anew, so that it shows what the server stored. */

import { all, byId } from "../common/dom.js";
import { errorText } from "../common/server_requests.js";
import { isConfirmed } from "./confirmation.js";
import { postDecision, undoStep } from "./pricing_api.js";
import { showResult } from "./result_message.js";
import { forgetDone } from "./several_nights.js";
import { amountIn } from "./typed_amounts.js";

const RESULTS = { accept: "Accepted.", override: "Set and held.", lock: "Locked.", release: "Released." };

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
      showDecisionError(`Not accepted: ${errorText(error.fields.price)}. Look again, then accept.`);
      return;
    }
    showDecisionError(`Nothing was changed: ${error.message}`);
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
  const question = count === 1 ? "Accept the recommended price of 1 night?" : `Accept the recommended prices of ${count} nights?`;
  if (!await isConfirmed(question, "Accept them")) return;
  const nights = suggested.map((row) => row.night), seen = suggested.map((row) => row.recommended);
  try {
    await postDecision({ nights, seen, action: "accept" });
    await reload();
    showResult(`${count} ${count === 1 ? "price" : "prices"} accepted.`);
  } catch (error) {
    await reload();
    showResult(`Nothing was changed: ${error.message}${error.fields?.seen ? ". Look again, then accept." : ""}`);
  }
}

/** Undoes the act that the button names. */
export async function undoLast(button, reload) {
  button.disabled = true;
  try {
    const { nights } = await undoStep(Number(button.dataset.step));
    await reload();
    forgetDone();
    showResult(`Undone${nights ? `; ${nights} ${nights === 1 ? "night has" : "nights have"} the price of before` : ""}.`);
  } catch (error) {
    await reload();
    showResult(`Not undone: ${error.message}`);
  } finally {
    button.disabled = false;
  }
}
