/* Accept a night's recommended price, or set another one: each act is a form of its own.

   Decisions go to the REST API; then the page is loaded anew, so that it shows what the server stored. */

import { all, byId } from "../common/dom.js";
import { readAmount } from "../common/number_input.js";
import { formatDate } from "../common/number_and_date_formats.js";
import { callApi, errorText } from "../common/server_requests.js";
import { gettext } from "../common/translations.js";

const DONE = {
  accept: (night) => gettext("Accepted: %(night)s.", { night }),
  override: (night) => gettext("Set and held: %(night)s.", { night }),
};

/** Sends the decision of a form. `reload` loads the page anew. */
export async function decide(form, reload) {
  const { act } = form.dataset, row = form.closest("li"), { night } = row.dataset;
  const buttons = all("button", row), wrong = row.querySelector(".wrong"), input = form.querySelector("input:not([type=hidden])");
  wrong.hidden = true;
  input?.removeAttribute("aria-invalid");
  for (const button of buttons) button.disabled = true;
  try {
    await callApi("POST", byId("morning").dataset.decisions, readDecision(form));
    for (const field of all("input:not([type=hidden])", row)) field.value = field.defaultValue;
    const next = row.nextElementSibling?.id;
    await reload();
    byId("done").textContent = DONE[act](formatDate(night, "day"));
    focusAfter(row.id, next);
  } catch (error) {
    if (act === "accept" && error.fields?.price) {
      await reload(); // the new recommended price can be accepted then
      showError(row.id, gettext("Not accepted: %(reason)s. Look again, then accept.", { reason: errorText(error.fields.price) }));
      return;
    }
    showError(row.id, gettext("Nothing was changed: %(reason)s", { reason: error.message }));
    if (input) {
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function readDecision(form) {
  const { hotel, decimals } = byId("morning").dataset;
  const values = Object.fromEntries(new FormData(form));
  const price = form.dataset.act === "override" ? readAmount(values.price, form.dataset.currency, Number(decimals)) : values.price;
  return { hotel_id: Number(hotel), nights: [values.night], action: form.dataset.act, price };
}

/** Focuses the night that was decided if it still needs a person, else the one after it. */
function focusAfter(id, next) {
  (byId(id) ?? byId(next) ?? byId("needs")).focus({ preventScroll: true });
}

function showError(id, text) {
  const place = byId(id)?.querySelector(".wrong");
  if (!place) {
    byId("done").textContent = text;
    return;
  }
  place.textContent = text;
  place.hidden = false;
}
