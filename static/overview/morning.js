/* The morning. The server renders it whole and its forms work without this script; with it, the page
   renews itself, decides without a reload, and reads out the strip of nights. */

import { all, byId } from "../common/dom.js";
import { failureText, LivePage } from "../common/live_page.js";
import { enhanceWideTables } from "../common/wide_tables.js";
import { enhanceStrip, listenToStrip } from "./ninety_nights.js";
import { decide } from "./price_decisions.js";

const POLL_MS = 3000;

const page = new LivePage({
  pollMs: POLL_MS,
  isEdited: (part) => all("input:not([type=hidden])", part).some((field) => field.value !== field.defaultValue),
  // The address of the REST API's hotel, and whether there are forms, stand outside the live parts.
  isOtherPage: (other) => JSON.stringify({ ...other.getElementById("morning")?.dataset }) !== JSON.stringify({ ...byId("morning")?.dataset }),
  enhance(ids) {
    if (ids.includes("strip")) enhanceStrip();
    enhanceWideTables();
  },
  afterNavigation: () => window.scrollTo({ top: 0 }),
  afterPoll({ failure }) {
    const notice = byId("connection");
    if (!notice) return;
    notice.hidden = !failure;
    const text = failure ? `${failureText(failure, "figures")}.` : "";
    if (notice.textContent !== text) notice.textContent = text;
  },
});

document.addEventListener("submit", (event) => {
  if (!event.target.closest("ol.needs")) return;
  event.preventDefault();
  decide(event.target, () => page.reload());
});
listenToStrip();
page.start();
