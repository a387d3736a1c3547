/* The form about several nights at once: decisions, fixed prices, events and bounds.

   While it is filled in, a line says which nights it touches, as the server counts them. Afterwards
   another one says what was done, with a button that undoes it. */

import { all, byId } from "../common/dom.js";
import { readNumber } from "../common/number_input.js";
import { gettext, ngettext } from "../common/translations.js";
import { postDecision, previewDecision } from "./pricing_api.js";
import { showResult } from "./result_message.js";
import { hasUnsavedChanges } from "./settings_form.js";
import { amountIn } from "./typed_amounts.js";

const PREVIEW_AFTER_MS = 300;
// What each action takes, with those that it needs; of bounds one is enough.
const VALUES = { override: ["price"], fix: ["price"], event: ["name", "factor"], bounds: ["minimum_price", "maximum_price"] };
const READERS = {
  name: (text) => text.trim(),
  factor: (text) => (text.trim() ? Number(readNumber(text, { canBeThousands: false })) : ""),
};
const isOfRules = (action) => ["fix", "unfix", "event", "bounds"].includes(action);
const DONE = {
  accept: (n) => ngettext("%(nights)s night accepted.", "%(nights)s nights accepted.", n, { nights: n }),
  override: (n) => ngettext("%(nights)s night set and held.", "%(nights)s nights set and held.", n, { nights: n }),
  lock: (n) => ngettext("%(nights)s night locked.", "%(nights)s nights locked.", n, { nights: n }),
  release: (n) => ngettext("%(nights)s night released.", "%(nights)s nights released.", n, { nights: n }),
  fix: (n) => ngettext("%(nights)s night has a fixed price.", "%(nights)s nights have a fixed price.", n, { nights: n }),
  unfix: (n) => ngettext("%(nights)s night has no fixed price.", "%(nights)s nights have no fixed price.", n, { nights: n }),
  event: (n) => ngettext("%(nights)s night has the event.", "%(nights)s nights have the event.", n, { nights: n }),
  bounds: (n) => ngettext("%(nights)s night has the new bounds.", "%(nights)s nights have the new bounds.", n, { nights: n }),
};
let timer = null, previews = 0; // an answer that is no longer the newest preview's is dropped

const form = () => byId("several");

/** Shows the fields that the chosen action takes, and what it touches. */
export function severalChanged() {
  showFields();
  previews += 1;
  showWrong("");
  byId("several-touches").textContent = "";
  forgetDone();
  clearTimeout(timer);
  timer = setTimeout(previewSeveral, PREVIEW_AFTER_MS);
}

function showFields() {
  const action = form().elements.action.value;
  for (const field of all("[data-for]", form())) field.hidden = !field.dataset.for.split(" ").includes(action);
}

/** Returns the request. Throws an Error that says what cannot be read. */
function readSeveral() {
  const { currency } = form().dataset, { first, last, action, reason } = form().elements;
  const weekdays = all("[name=weekday]:checked", form()).map((box) => Number(box.value));
  const values = (VALUES[action.value] ?? []).map((name) => [name, (READERS[name] ?? ((text) => amountIn(currency, text)))(form().elements[name].value)]);
  const words = isOfRules(action.value) ? "" : reason.value.trim();
  return {
    first: first.value, last: last.value, action: action.value, ...(weekdays.length < 7 && { weekdays }),
    ...Object.fromEntries(values.filter(([, value]) => value !== "")), ...(words && { reason: words }),
  };
}

function isComplete(request) {
  const names = VALUES[request.action] ?? [], given = names.filter((name) => name in request);
  return Boolean(request.first && request.last && (request.action === "bounds" ? given.length : given.length === names.length));
}

/** Shows which nights the form touches. */
async function previewSeveral() {
  if (!form()) return;
  const mine = ++previews;
  let text = "", wrong = "";
  try {
    const request = readSeveral();
    if (isComplete(request)) text = (await previewDecision(request)).sentence;
  } catch (error) { wrong = error.message; }
  if (mine !== previews || !form()) return;
  byId("several-touches").textContent = text;
  showWrong(wrong);
}

function showWrong(text) {
  const note = byId("several-wrong");
  note.textContent = text;
  note.hidden = !text;
}

/** Sends the form. `reload` loads the page anew. */
export async function decideSeveral(reload) {
  const button = byId("several-do"), label = button.textContent;
  clearTimeout(timer);
  previews += 1;
  showWrong("");
  button.disabled = true;
  button.textContent = gettext("Working…");
  form().setAttribute("aria-busy", "true");
  try {
    const request = readSeveral();
    if (isOfRules(request.action) && hasUnsavedChanges()) throw new Error(gettext("the settings have changes that are not saved; save or discard them first"));
    const touched = await previewDecision(request);
    byId("several-touches").textContent = touched.sentence;
    await postDecision(request);
    form().reset();
    showFields();
    byId("several-touches").textContent = "";
    await reload();
    showDone(DONE[request.action](touched.nights));
  } catch (error) {
    if (form()) showWrong(gettext("Nothing was changed: %(reason)s", { reason: error.message }));
  } finally {
    button.disabled = false;
    button.textContent = label;
    form()?.removeAttribute("aria-busy");
  }
  if (document.activeElement === document.body) byId("several-do")?.focus({ preventScroll: true });
}

function showDone(text) {
  showResult(text);
  const undo = byId("undo"), place = byId("several-done");
  if (!place) return;
  place.textContent = text;
  if (!undo) return;
  const button = undo.cloneNode(true);
  button.removeAttribute("id");
  place.append(" ", button);
}

/** Removes what was said of the last act, which is undone. */
export function forgetDone() { byId("several-done")?.replaceChildren(); }
