/* The pages of people and of one's own login work without a script; this one writes their times in
   the browser's language. */

import { localise } from "../common/number_and_date_formats.js";

localise(document.body);
