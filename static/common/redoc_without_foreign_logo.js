/* Redoc draws a logo that it requests from its vendor's host. Nothing is requested from elsewhere here:
   an image of another origin never gets its address. */

const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  const isForeign = this instanceof HTMLImageElement && name === "src" && new URL(value, location.href).origin !== location.origin;
  if (!isForeign || String(value).startsWith("data:")) setAttribute.call(this, name, value);
};
