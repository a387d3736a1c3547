/* The page of group quotes works without a script; this one writes its numbers and dates in the
   page's language. */

import { localise } from "../common/number_and_date_formats.js";

localise(document.body);
