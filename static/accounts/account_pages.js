/* The pages of people and of one's own login work without a script; this one writes their times in
   the browser's language, and says where a table is wider than the window. */

import { localise } from "../common/number_and_date_formats.js";
import { enhanceWideTables } from "../common/wide_tables.js";

localise(document.body);
enhanceWideTables();
