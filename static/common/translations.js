/* Texts of scripts in the page's language: `gettext("Saved.")`, `ngettext("%(n)s night", "%(n)s nights", n)`.

   The catalog is a script of its own that the page loads before the modules (base.html); English pages
   have none, and the texts are used as they are written here. */

const catalog = globalThis.django ?? {};

/** A text in the page's language, with its values: gettext("Held at %(price)s", { price }). */
export function gettext(text, values) {
  return fill(catalog.gettext?.(text) ?? text, values);
}

/** The form of a text for a count, with its values; `count` is one of them, unformatted, if none is given. */
export function ngettext(one, more, count, values = { count }) {
  return fill(catalog.ngettext?.(one, more, count) ?? (count === 1 ? one : more), values);
}

const fill = (text, values) => (values ? text.replace(/%\((\w+)\)s|%%/g, (all, name) => (name ? values[name] : "%")) : text);
