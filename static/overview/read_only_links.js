/* Times in the browser's language, and a new link that is selected when one steps into it. */

import { byId } from "../common/dom.js";
import { localise } from "../common/number_and_date_formats.js";

localise(document);
byId("made-link")?.addEventListener("focus", ({ target }) => target.select());
