/* Tables that are wider than the window: a hint above them says that columns follow, and a shadow where. */

import { all } from "./dom.js";
import { gettext } from "./translations.js";

const ROUNDING_PX = 2; // browsers round positions
// One function for all, so that a box has it once however often it is enhanced.
const showHintOf = ({ target }) => showHint(target);
const watched = new ResizeObserver((entries) => { for (const { target } of entries) showHint(target); });

/** Watches the page's boxes of tables. To be called whenever boxes are new on the page. */
export function enhanceWideTables() {
  watched.disconnect();
  for (const box of all(".scroll")) {
    if (!box.previousElementSibling?.matches(".more-columns")) box.before(makeHint());
    box.addEventListener("scroll", showHintOf, { passive: true });
    watched.observe(box);
  }
}

function makeHint() {
  const hint = document.createElement("p");
  Object.assign(hint, { className: "more-columns", textContent: gettext("More columns: move the table sideways"), hidden: true });
  return hint;
}

function showHint(box) {
  const past = Math.abs(box.scrollLeft), rest = box.scrollWidth - box.clientWidth - past;
  box.classList.toggle("more-after", rest > ROUNDING_PX);
  box.classList.toggle("more-before", past > ROUNDING_PX);
  box.previousElementSibling.hidden = box.scrollWidth - box.clientWidth <= ROUNDING_PX;
}
