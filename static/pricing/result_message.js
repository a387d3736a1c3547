/* The line above the calendar that says what an action did; screen readers read it out. */

import { byId } from "../common/dom.js";

export function showResult(text) { byId("done").textContent = text; }
