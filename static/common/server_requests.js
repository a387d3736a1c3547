/* Requests to the server: whole pages with their ETag, and calls of the REST API.

   A request that is not answered in time fails. A page that a proxy or a Wi-Fi login answered in
   place of ours is an error too, and is never shown as ours. */

import { gettext } from "./translations.js";

const PAGE_TIMEOUT_MS = 15000, API_TIMEOUT_MS = 30000;
// Fields whose name adds nothing to their message.
const UNNAMED_FIELDS = ["price", "detail", "nights", "non_field_errors"];
let pageRequest = null; // the AbortController of the request under way

/** Returns a page: status, ETag, parsed document, which is null for a 304, the version to send along with the
    next request, and whether the server found by the last one that nothing changed (isSame).

    A new request aborts the one before it, which then throws an AbortError. Throws for a status of
    500 and more (the error has it as `status`), for no answer in time, and for a document that is not one of our pages.
    `isRenewal`: the page asks by itself, and no person opened it (the server counts visits). */
export async function fetchPage(address, etag = null, { isRenewal = false, version = null } = {}) {
  pageRequest?.abort();
  const own = pageRequest = new AbortController();
  const timer = setTimeout(() => own.abort(new DOMException(gettext("no answer"), "TimeoutError")), PAGE_TIMEOUT_MS);
  try {
    const headers = {
      ...(etag && { "If-None-Match": etag }),
      ...(isRenewal && { "X-Renewal": "1" }),
      ...(version && { "X-Renewal-Token": version.token, "X-Renewal-Version": version.version }),
    };
    const response = await fetch(address, { headers, cache: "no-store", signal: own.signal });
    if (response.redirected) { // the login has ended: the browser goes to the login page
      location.reload();
      await new Promise(() => {});
    }
    const { status } = response;
    if (response.headers.has("X-Renewal-Unchanged")) return { status, etag, version, isSame: true, document: null };
    const newest = { version: readVersion(response.headers), isSame: false };
    if (status === 304) return { status, etag, document: null, ...newest };
    if (status >= 500) throw Object.assign(new Error(answered(status)), { status });
    return { status, etag: response.headers.get("ETag"), document: parsePage(await response.text()), ...newest };
  } finally {
    clearTimeout(timer);
    if (pageRequest === own) pageRequest = null;
  }
}

/** Returns what a page sends along to be told cheaply that it did not change; null where the server has none. */
function readVersion(headers) {
  const token = headers.get("X-Renewal-Token"), version = headers.get("X-Renewal-Version");
  return token && version ? { token, version } : null;
}

function parsePage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.querySelector("body[data-status] #main")) throw new Error(gettext("something else answered"));
  return page;
}

/** Returns the REST API's answer. Throws its errors: `message` is one line, `fields` is the body. */
export async function callApi(method, address, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (token) headers["X-CSRFToken"] = token;
  const response = await fetch(address, {
    method, headers, cache: "no-store", signal: AbortSignal.timeout(API_TIMEOUT_MS), body: body && JSON.stringify(body),
  });
  const text = await response.text();
  let answer;
  try { answer = JSON.parse(text); } catch { answer = { detail: answered(response.status) }; }
  if (!response.ok) throw Object.assign(new Error(errorText(answer)), { fields: answer });
  return answer;
}

const answered = (status) => gettext("the server answered %(status)s", { status });
const inRow = (row, error) => gettext("row %(row)s: %(error)s", { row, error });

/** The API's errors in one line; rows of lists are counted from one. */
export function errorText(errors) {
  if (Array.isArray(errors)) {
    const isRows = errors.some((row) => row && typeof row === "object");
    return errors.map((row, index) => (isRows && errorText(row) ? inRow(index + 1, errorText(row)) : errorText(row)))
      .filter(Boolean).join("; ");
  }
  if (errors && typeof errors === "object") {
    return Object.entries(errors).map(([name, reasons]) => (UNNAMED_FIELDS.includes(name)
      ? errorText(reasons) : `${name.replaceAll("_", " ")}: ${errorText(reasons)}`)).join("; ");
  }
  return String(errors).replace(/^(\d+): (.*)$/s, (_, row, error) => inRow(Number(row) + 1, error));
}
