/* The page's tooltip: one line of text beside an element, for pointer and keyboard. */

import { byId } from "./dom.js";

/** Shows a text beside an element; hides it without one. */
export function showTooltip(element, text = "") {
  const tooltip = byId("tip");
  tooltip.hidden = !element;
  if (!element) return;
  tooltip.textContent = text;
  const box = element.getBoundingClientRect(), { width, height } = tooltip.getBoundingClientRect();
  const rightmost = document.documentElement.clientWidth - width - 4;
  const left = Math.max(4, Math.min(box.left + box.width / 2 - width / 2, rightmost));
  const top = box.top > height + 8 ? box.top - height - 6 : box.bottom + 6;
  tooltip.style.transform = `translate(${left}px, ${top}px)`;
}
