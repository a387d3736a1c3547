/* Redoc draws a logo that it requests from its vendor's host. Nothing is requested from elsewhere here:
   an image of another origin never gets its address, set as an attribute or as a property. */

const isForeign = (address) => {
  const url = new URL(address, location.href);
  return url.protocol !== "data:" && url.origin !== location.origin;
};
const { setAttribute } = Element.prototype;
Element.prototype.setAttribute = function (name, value) {
  if (!(this instanceof HTMLImageElement && name === "src" && isForeign(value))) setAttribute.call(this, name, value);
};
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
Object.defineProperty(HTMLImageElement.prototype, "src", {
  ...source,
  set(value) { if (!isForeign(value)) source.set.call(this, value); },
});
