/* The portfolio works without this script; with it, numbers and dates are in the browser's language, and
   another order is shown as soon as it is chosen. */

import { byId } from "../common/dom.js";
import { localise } from "../common/number_and_date_formats.js";
import { enhanceWideTables } from "../common/wide_tables.js";

localise(document.body);
enhanceWideTables();
byId("sort")?.addEventListener("change", ({ target }) => target.form.requestSubmit());
