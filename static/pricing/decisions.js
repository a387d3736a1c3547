/* Decisions about prices: accept, override, lock or release one night; accept a month's suggestions.

   After each the page is loaded anew, so that it shows what the server stored. */

import { all, byId } from "../common/dom.js";
import { errorText } from "../common/server_requests.js";
import { postDecision } from "./pricing_api.js";
import { showResult } from "./result_message.js";

const RESULTS = { accept: "Accepted.", override: "Set and held.", lock: "Locked.", release: "Released." };

/** Sends the decision of the night's form. `reload` loads the page anew. */
export async function decideNight(form, action, reload) {
  const buttons = all("button", form);
  byId("decide-wrong").hidden = true;
  form.elements.price.removeAttribute("aria-invalid");
  for (const button of buttons) button.disabled = true;
  try {
    await postDecision(readDecision(form, action));
    await reload();
    showResult(RESULTS[action]);
    byId("night-title")?.focus({ preventScroll: true });
  } catch (error) {
    if (action === "accept" && error.fields?.price) {
      await reload(); // the new recommended price can be accepted then
      showDecisionError(`Not accepted: ${errorText(error.fields.price)}. Look again, then accept.`);
      return;
    }
    showDecisionError(`Nothing was changed: ${error.message}`);
    if (action === "override") {
      form.elements.price.setAttribute("aria-invalid", "true");
      form.elements.price.focus();
    }
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function readDecision(form, action) {
  const { night, recommended } = form.dataset;
  const price = { accept: recommended, override: form.elements.price.value }[action];
  const reason = form.elements.reason.value.trim();
  return { nights: [night], action, ...(price !== undefined && { price }), ...(reason && { reason }) };
}

function showDecisionError(text) {
  const place = byId("decide-wrong");
  if (!place) return; // the night was closed meanwhile
  place.textContent = text;
  place.hidden = false;
}

/** Accepts all suggestions of the month, once a dialog was confirmed. */
export async function acceptMonth(reload) {
  const nights = JSON.parse(byId("suggested").textContent), count = nights.length;
  const question = count === 1 ? "Accept the recommended price of 1 night?" : `Accept the recommended prices of ${count} nights?`;
  if (!await confirmed(question)) return;
  try {
    await postDecision({ nights, action: "accept" });
    await reload();
    showResult(`${count} ${count === 1 ? "price" : "prices"} accepted.`);
  } catch (error) {
    showResult(`Nothing was changed: ${error.message}`);
  }
}

async function confirmed(question) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((done) => { dialog.addEventListener("close", done, { once: true }); });
  return dialog.returnValue === "yes";
}
