/* Replaces the parts of the page marked `data-live` by those of a newly loaded page.

   Only parts that the server wrote differently are replaced. Focus, unfolded details, scroll positions of
   boxes with the class `scroll`, and everything outside these parts stay. */

import { all, byId } from "./dom.js";
import { localise } from "./number_and_date_formats.js";

const serverHtml = new Map(); // by id: a live part as the server wrote it

/** Remembers the live parts of a page as the server wrote them. */
export function rememberParts(page) {
  serverHtml.clear();
  for (const part of all("[data-live]", page)) serverHtml.set(part.id, part.outerHTML);
}

/** Makes the next renewal replace this part even if the server writes the same again. */
export function forgetPart(id) {
  if (serverHtml.has(id)) serverHtml.set(id, "");
}

/** Shows the parts of a loaded page. Returns whether anything changed.

    A page with other live parts, or one that `isOtherPage` says is another, replaces header and
    main whole. `isEdited` tells which parts of the present page to leave alone. `enhance` is called
    with the ids of the replaced parts before focus and scroll positions are restored in them. */
export function replaceParts(page, { isOtherPage = () => false, isEdited = () => false, enhance = () => {} }) {
  const parts = all("[data-live]", page);
  const focused = document.activeElement, returnFocus = rememberFocus(focused);
  const scrolled = all(".scroll").map((box) => [box.id, box.scrollTop, box.scrollLeft]);
  const isSameKind = parts.map((part) => part.id).join() === [...serverHtml.keys()].join();
  const replaced = isSameKind && !isOtherPage(page) ? replaceChanged(parts, isEdited) : replaceAll(page);
  document.title = page.title;
  if (!replaced.length) return false;
  enhance(replaced);
  for (const [id, top, left] of scrolled) byId(id)?.scrollTo(left, top);
  if (!document.contains(focused)) returnFocus();
  return true;
}

function replaceChanged(parts, isEdited) {
  const replaced = [];
  for (const part of parts) {
    const current = byId(part.id);
    if (serverHtml.get(part.id) === part.outerHTML || isEdited(current)) continue;
    serverHtml.set(part.id, part.outerHTML);
    replaceElement(current, part);
    replaced.push(part.id);
  }
  return replaced;
}

function replaceAll(page) {
  rememberParts(page);
  for (const selector of ["body > header", "#main"]) {
    replaceElement(document.querySelector(selector), page.querySelector(selector));
  }
  return [...serverHtml.keys()];
}

function replaceElement(current, loaded) {
  const copy = document.importNode(loaded, true);
  const unfolded = all("details", current).map((details) => details.open);
  if (current.id === copy.id) all("details", copy).forEach((details, index) => { details.open = unfolded[index] ?? details.open; });
  current.replaceWith(copy);
  localise(copy);
}

/** Returns a function that focuses the same element in a part that was replaced. */
function rememberFocus(element) {
  const selector = focusSelector(element), partId = element.closest?.("[data-live]")?.id;
  return () => {
    const part = partId && byId(partId);
    const same = selector && (part || document).querySelector(selector);
    for (const element of [same, part, byId("main")]) {
      element?.focus({ preventScroll: true });
      if (element && element === document.activeElement) return;
    }
  };
}

function focusSelector(element) {
  for (const name of ["id", "data-night", "data-day", "href", "name"]) {
    const value = element.getAttribute?.(name);
    if (value) return `[${name}="${CSS.escape(value)}"]`;
  }
  return null;
}
