/* Proposals by date: public holidays fill the list of events; a minimum stay is offered with its reason,
   and a person accepts it. Nothing is saved before the form is. */

import { byId } from "../common/dom.js";
import { formatDate } from "../common/number_and_date_formats.js";
import { gettext } from "../common/translations.js";
import { addFilledRow, readRows } from "./settings_form.js";

const UNKNOWN_FACTOR = 1; // of a holiday without history: it changes no price until a person says more

/** Adds proposed events that are not in the form yet. Returns how many. */
export function fillEvents(events) {
  const rows = readRows("events");
  const isThere = ({ name, first }) => rows.some((row) => row.name === name && row.first === first);
  const missing = events.filter((event) => !isThere(event));
  for (const { factor, ...event } of missing) addFilledRow("events", { ...event, factor: factor ?? UNKNOWN_FACTOR });
  return missing.length;
}

/** Shows proposed minimum stays, each with its reason and a button that accepts it. Returns how many. */
export function offerStays(stays) {
  const rows = readRows("minimum_stays");
  const isThere = ({ first, nights }) => rows.some((row) => row.first === first && row.nights >= nights);
  const offered = stays.filter((stay) => !isThere(stay));
  const list = byId("proposed-stays");
  list.replaceChildren(...offered.map(offer));
  if (offered.length) list.closest("details").open = true;
  return offered.length;
}

function offer({ first, last, nights, reason }) {
  const item = document.createElement("li"), text = document.createElement("span"), button = document.createElement("button");
  const from = formatDate(first, "day");
  const dates = first === last ? from : gettext("%(first)s to %(last)s", { first: from, last: formatDate(last, "day") });
  text.textContent = gettext("%(dates)s: at least %(nights)s nights. %(reason)s", { dates, nights, reason });
  Object.assign(button, { type: "button", textContent: gettext("Accept") });
  Object.assign(button.dataset, { accept: "", first, last, nights });
  button.setAttribute("aria-label", gettext("Accept %(nights)s nights on %(dates)s", { nights, dates }));
  item.append(text, button);
  return item;
}

/** Adds the row of an offered minimum stay to the form. */
export function acceptProposedStay(button) {
  const { first, last, nights } = button.dataset;
  addFilledRow("minimum_stays", { first, last, nights });
  button.closest("li").remove();
}
