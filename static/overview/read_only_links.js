/* Times in the browser's language, a hint at a table that is too wide, and a new link that is selected when one steps into it. */

import { byId } from "../common/dom.js";
import { localise } from "../common/number_and_date_formats.js";
import { enhanceWideTables } from "../common/wide_tables.js";

localise(document);
enhanceWideTables();
byId("made-link")?.addEventListener("focus", ({ target }) => target.select());
