/* Renews the preview whenever a choice changes, and proposes the browser's time zone. */

import { byId } from "../common/dom.js";
import { localise } from "../common/number_and_date_formats.js";
import { enhanceWideTables } from "../common/wide_tables.js";

const form = byId("check-columns");
let renewals = 0;

proposeZone();
enhance();
byId("renew").hidden = true;
form.addEventListener("change", renew);

function proposeZone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions(), select = byId("time_zone");
  const isOffered = [...select.options].some(({ value }) => value === timeZone);
  if (form.dataset.isNew !== "yes" || !byId("line") || !isOffered || timeZone === select.value) return;
  select.value = timeZone;
  renew();
}

async function renew() {
  const mine = ++renewals, body = new URLSearchParams(new FormData(form));
  body.set("act", "preview");
  byId("choice-shown").setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (mine !== renewals) return; // a newer choice is on its way
    const shown = page.getElementById("choice-shown");
    if (!shown) { location.reload(); return; }
    const focused = document.activeElement?.id;
    byId("choice-shown").replaceWith(document.adoptNode(shown));
    if (focused) byId(focused)?.focus({ preventScroll: true });
    enhance();
  } catch { form.requestSubmit(byId("renew")); } finally {
    byId("choice-shown").removeAttribute("aria-busy");
  }
}

function enhance() {
  localise(document);
  enhanceWideTables();
}
