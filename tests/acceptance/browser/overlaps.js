/* Returns pairs of elements whose texts or boxes cover each other. Cells of tables cannot; what scrolls,
   sticks or floats above the page is meant to. */

() => {
  const ignored = "table, svg, canvas, .visually-hidden, [hidden], .help-text, option, script, style, template, noscript";
  const shown = [...document.body.querySelectorAll("*")].filter((element) => {
    if (element.closest(ignored) || !element.checkVisibility({ visibilityProperty: true })) return false;
    const { position, display } = getComputedStyle(element);
    if (["absolute", "fixed", "sticky"].includes(position)) return false;
    for (let above = element.parentElement; above; above = above.parentElement) {
      if (["absolute", "fixed", "sticky"].includes(getComputedStyle(above).position)) return false;
    }
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    return display !== "contents" && (hasText || element.matches("input:not([type=hidden]), select, button, img"));
  });
  const boxes = shown.flatMap((element) => {
    if (element.matches("input, select, button, img")) return [{ element, box: element.getBoundingClientRect() }];
    const range = document.createRange();
    return [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim()).flatMap((node) => {
      range.selectNodeContents(node);
      return [...range.getClientRects()].map((box) => ({ element, box }));
    });
  }).sort((one, other) => one.box.top - other.box.top);
  const found = [], SLACK = 3;
  boxes.forEach(({ element, box }, index) => {
    for (const { element: other, box: its } of boxes.slice(index + 1)) {
      if (its.top >= box.bottom - SLACK) break;
      const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const down = Math.min(box.bottom, its.bottom) - its.top;
      if (across > SLACK && down > SLACK && !element.contains(other) && !other.contains(element)) {
        found.push(`${element.outerHTML.slice(0, 80)} / ${other.outerHTML.slice(0, 80)}`);
      }
    }
  });
  return found;
}
