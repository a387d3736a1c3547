/* The strip of the next nights: arrow keys from night to night, and a tooltip with a night's numbers.
   One night is a stop of the Tab key at a time. */

import { all, byId } from "../common/dom.js";

const nights = () => all("#strip a.night");
const nightOf = (event) => event.target.closest?.("#strip a.night");

/** Makes one night a stop of the Tab key. */
export function enhanceStrip() {
  const list = nights();
  makeTabStop(list.find((night) => night === document.activeElement) ?? list[0]);
}

function makeTabStop(night) {
  for (const other of nights()) other.tabIndex = other === night ? 0 : -1;
}

function showTooltip(night) {
  const tooltip = byId("tip");
  tooltip.hidden = !night;
  if (!night) return;
  tooltip.textContent = night.querySelector(".told").textContent;
  const box = night.getBoundingClientRect(), { width, height } = tooltip.getBoundingClientRect();
  const rightmost = document.documentElement.clientWidth - width - 4;
  const left = Math.max(4, Math.min(box.left + box.width / 2 - width / 2, rightmost));
  const top = box.top > height + 8 ? box.top - height - 6 : box.bottom + 6;
  tooltip.style.transform = `translate(${left}px, ${top}px)`;
}

function handleKey(event) {
  if (event.key === "Escape") showTooltip(null);
  const night = nightOf(event), forward = document.dir === "rtl" ? -1 : 1;
  const step = { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -7, ArrowDown: 7, Home: -90, End: 90 }[event.key];
  if (!night || !step) return;
  event.preventDefault();
  const list = nights(), next = list[Math.max(0, Math.min(list.indexOf(night) + step, list.length - 1))];
  makeTabStop(next);
  next.focus();
}

/** Starts to listen to pointer and keys. To be called once. */
export function listenToStrip() {
  document.addEventListener("pointerover", (event) => showTooltip(nightOf(event)));
  document.addEventListener("focusin", (event) => showTooltip(nightOf(event)));
  window.addEventListener("scroll", () => showTooltip(null), { passive: true, capture: true });
  document.addEventListener("keydown", handleKey);
}
