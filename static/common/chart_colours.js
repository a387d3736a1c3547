/* The page's colours for Chart.js, which draws on a canvas and does not read CSS. */

/** A colour variable of the stylesheet, without its dashes. */
export function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls `repaint` when the colours change: light or dark, screen or paper (which is light). */
export function onColourChange(repaint) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  for (const [event, isOnPaper] of [["beforeprint", true], ["afterprint", false]]) {
    window.addEventListener(event, () => {
      document.documentElement.classList.toggle("on-paper", isOnPaper);
      repaint();
    });
  }
}
