/* The dialog that asks before something that changes many prices. */

import { byId } from "../common/dom.js";

/** Asks a question; returns whether the person chose the button `yes`. */
export async function isConfirmed(question, yes) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = question;
  byId("confirm-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((done) => { dialog.addEventListener("close", done, { once: true }); });
  return dialog.returnValue === "yes";
}
