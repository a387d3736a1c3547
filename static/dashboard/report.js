/* The report: numbers and dates in the browser's language, and the button that prints. Without this
   script the page is complete, and the browser's own menu prints it. */

import { byId } from "../common/dom.js";
import { localise } from "../common/number_and_date_formats.js";
import { enhanceWideTables } from "../common/wide_tables.js";

localise(document);
enhanceWideTables();
const button = byId("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
