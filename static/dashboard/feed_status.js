/* The line in the header: up to date, catching up with the event feed, or what is wrong.

   "Up to date" is never said of a hotel whose events have stopped: the server says so beside it. */

import { byId } from "../common/dom.js";
import { failureText } from "../common/live_page.js";
import { formatNumber } from "../common/number_and_date_formats.js";
import { callApi } from "../common/server_requests.js";
import { gettext } from "../common/translations.js";

const STATUS_MS = 5000, BEHIND_SECONDS = 5;
let lastRequest = 0, unansweredByLedger = 0, isAllCounted = false, showLast = null;

/** Shows the feed's status. It is requested at most every STATUS_MS unless `isUrgent`; and not at all while all
    events were counted and the page `isQuiet`, as the server tells the page when that changes. */
export async function updateFeedStatus({ failure = null, isQuiet = false, isUrgent = false } = {}) {
  if (failure) {
    isAllCounted = false; // to be asked again when it is over
    return show("away", failureText(failure, "figures"));
  }
  if (!isUrgent && ((isQuiet && isAllCounted) || Date.now() - lastRequest < STATUS_MS)) return;
  lastRequest = Date.now();
  if (!byId("fresh-state")) return;
  try {
    const status = await callApi("GET", document.body.dataset.status);
    const { events_behind: events, seconds_behind: seconds, unknown_because: reason } = status;
    isAllCounted = events === 0;
    unansweredByLedger = events === null ? unansweredByLedger + 1 : 0;
    if (unansweredByLedger > 1) show("away", unknownLagText(reason));
    else if (events && seconds > BEHIND_SECONDS) {
      show("behind", behindText(events, status.events_behind_is_estimate));
    }
    else if (!unansweredByLedger) showAllCounted();
  } catch { /* the next poll of the page reports it */ }
}

/** Shows the last status again in a header that was replaced. */
export function restoreFeedStatus() {
  showLast?.();
}

function showAllCounted() {
  const isStale = Boolean(byId("stale-since"));
  show(isStale ? "behind" : "live", isStale ? gettext("All events counted") : gettext("Up to date"));
  showLast = showAllCounted; // the header that replaces this one may be another hotel's
}

function behindText(events, isEstimate) {
  if (events <= 1) return gettext("Catching up"); // 1 stands for any number where the user sees some hotels only
  const values = { events: formatNumber(events) };
  if (isEstimate) return gettext("Catching up: about %(events)s events behind", values);
  return gettext("Catching up: %(events)s events behind", values);
}

function unknownLagText(reason) {
  if (reason) return gettext("Figures may be behind (%(reason)s)", { reason });
  return gettext("The event ledger does not answer: these are the last figures");
}

function show(state, text) {
  showLast = () => show(state, text);
  const place = byId("fresh-state");
  if (!place) return;
  byId("freshness").dataset.state = state;
  if (place.textContent !== text) place.textContent = text; // else screen readers would repeat it
}
