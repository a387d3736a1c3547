/* A page that the server renders and that renews itself, without a reload.

   - It requests its own address again and again while it is visible, with the ETag of what it shows,
     and replaces the parts that changed. It sends the version of what it shows along, by which the server
     finds at next to no cost that nothing changed; but once a minute it does not, and all is looked at.
   - Links with `data-go` (with `data-replace` in the place of the present view) and the form `choose` load the next view in the same way; the address and
     the browser's history follow.
   - A view that did not load is reported with a button to try again; the view before it stays. */

import { all, byId } from "./dom.js";
import { formatAge, formatClock, localise } from "./number_and_date_formats.js";
import { rememberParts, replaceParts } from "./live_parts.js";
import { fetchPage } from "./server_requests.js";
import { gettext } from "./translations.js";

const WHOLE_MS = 45000, WHOLE_SPREAD_MS = 15000; // a version is valid for 75 s, see common/renewal_questions.py

export const currentAddress = () => location.href.split("#")[0];

/** What is wrong since when, in words; `shown` is what the page shows: "figures" or "prices". */
export function failureText({ since, by }, shown) {
  const texts = {
    figures: {
      connection: gettext("No connection since %(since)s: these are the last figures", { since }),
      server: gettext("The server answers with an error since %(since)s: these are the last figures", { since }),
      script: gettext("This page cannot show the newest figures since %(since)s, by a fault of its own: load it again", { since }),
    },
    prices: {
      connection: gettext("No connection since %(since)s: these are the last prices", { since }),
      server: gettext("The server answers with an error since %(since)s: these are the last prices", { since }),
      script: gettext("This page cannot show the newest prices since %(since)s, by a fault of its own: load it again", { since }),
    },
  };
  return texts[shown][by];
}

/** Options: pollMs; and functions, each optional:
    - enhance(ids): live parts with these ids are new on the page;
    - afterNavigation(): a view that the reader chose is shown;
    - afterPoll({ isChanged, isQuiet, failure }): a poll ended; `isQuiet` says that nothing changed and nothing was
      found to be wrong; failure is null or { since, by }: formatted text, and "connection", "server" (it answered
      with an error) or "script" (this page's could not show the answer);
    - isOtherPage(page), isEdited(part): see replaceParts. */
export class LivePage {
  #options;
  #etag = null; // null: what is shown may not be what the address stands for
  #version = null; // of what is shown, as the server gave it
  #wholeAt = 0; // when to request the page without it, in ms since the epoch
  #navigations = 0;
  #rounds = 0;
  #timer = null;
  #failure = null;

  constructor(options) { this.#options = options; }

  start() {
    rememberParts(document);
    localise(document);
    this.#options.enhance?.(all("[data-live]").map((part) => part.id));
    this.#listen();
    this.#pollLater();
  }

  /** Loads and shows a view. `force` replaces parts that are being edited too; `replace` puts the view in
      the place of the present one, so that Back leads to the one before. */
  async navigate(address, { push = true, force = false, replace = false } = {}) {
    const mine = ++this.#navigations, url = new URL(address, location.href);
    this.#showBusy(true);
    byId("trouble")?.setAttribute("hidden", "");
    try {
      const loaded = await fetchPage(url);
      if (mine !== this.#navigations) return;
      if (replace) history.replaceState(null, "", url);
      else if (push) history.pushState(null, "", url);
      this.#remember(loaded);
      this.#failure = null;
      try {
        this.#show(loaded.document, force);
        this.#options.afterNavigation?.();
      } catch (error) { // a fault of the script: the browser shows the view whole
        reportError(error);
        location.reload();
        await new Promise(() => {});
      }
    } catch (error) {
      if (mine === this.#navigations) this.#showTrouble(error, () => this.navigate(address, { push, force, replace }));
    } finally {
      if (mine === this.#navigations) this.#showBusy(false);
    }
  }

  /** Loads the present view anew, edited parts too. */
  reload() { return this.navigate(currentAddress(), { push: false, force: true }); }

  /** Makes the next poll load the page whole, as the script changed the address itself. */
  forgetEtag() { this.#etag = null; }

  /** Ends a navigation that is under way: the reader chose something else meanwhile. */
  stay() {
    this.#navigations++;
    this.#showBusy(false);
  }

  /** Shows a loaded page. Returns whether anything changed. */
  #show(page, force = false) {
    const { isOtherPage, isEdited, enhance } = this.#options;
    return replaceParts(page, { isOtherPage, isEdited: force ? undefined : isEdited, enhance });
  }

  async #poll() {
    if (byId("main").hasAttribute("aria-busy")) return;
    const address = currentAddress(), hasVersion = this.#version && this.#etag && !this.#failure;
    const isDue = Date.now() > this.#wholeAt, version = hasVersion && !isDue ? this.#version : null;
    let isChanged = false, loaded = null;
    try {
      loaded = await fetchPage(address, this.#etag, { isRenewal: true, version });
      if (![200, 304].includes(loaded.status)) throw Object.assign(new Error(gettext("the server answered %(status)s", { status: loaded.status })), { status: loaded.status });
    } catch (error) {
      if (error.name === "AbortError") return; // the reader chose another view meanwhile
      loaded = null;
      this.#fail(error.status ? "server" : "connection");
    }
    if (loaded?.document && address === currentAddress()) isChanged = this.#showNewest(loaded);
    else if (loaded) {
      if (this.#failure?.by !== "script") this.#failure = null; // a fault lasts until a page is shown
      if (address === currentAddress() && !loaded.isSame) this.#remember(loaded);
    }
    const isQuiet = !this.#failure && Boolean(loaded?.isSame || (hasVersion && isDue && !isChanged));
    const changed = byId("changed");
    if (changed) changed.textContent = formatAge(changed.dateTime);
    await this.#options.afterPoll?.({ isChanged, isQuiet, failure: this.#failure });
  }

  /** Remembers what the page shows from now on. */
  #remember({ etag, version }) {
    this.#etag = etag;
    this.#version = version;
    this.#wholeAt = Date.now() + WHOLE_MS + Math.random() * WHOLE_SPREAD_MS; // pages opened together ask apart
  }

  #fail(by) { this.#failure = { since: this.#failure?.since ?? formatClock(new Date()), by }; }

  /** Shows a renewal. A fault of the script is no lost connection: it is told apart, and reported as an error. */
  #showNewest(loaded) {
    this.#remember(loaded);
    try {
      const isChanged = this.#show(loaded.document);
      this.#failure = null;
      return isChanged;
    } catch (error) {
      reportError(error);
      this.#fail("script");
      return false;
    }
  }

  async #pollLoop() {
    const mine = ++this.#rounds; // an older loop that is still waiting ends
    clearTimeout(this.#timer);
    if (document.visibilityState !== "visible") return;
    await this.#poll();
    if (mine === this.#rounds && document.visibilityState === "visible") this.#pollLater();
  }

  #pollLater() { this.#timer = setTimeout(() => this.#pollLoop(), this.#options.pollMs); }

  #showBusy(isBusy) {
    if (isBusy) byId("main").setAttribute("aria-busy", "true");
    else byId("main").removeAttribute("aria-busy");
    byId("progress").hidden = !isBusy;
  }

  #showTrouble(error, tryAgain) {
    const place = byId("trouble");
    if (!place) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = gettext("Try again");
    button.addEventListener("click", tryAgain);
    place.replaceChildren(gettext("That view did not load (%(reason)s); this is still the one before.", { reason: error.message }), " ", button);
    place.hidden = false;
    byId("choose")?.reset(); // the form says what is shown
  }

  #listen() {
    document.addEventListener("visibilitychange", () => {
      this.#wholeAt = 0; // a page that was hidden is renewed at once
      this.#pollLoop();
    });
    window.addEventListener("popstate", () => {
      this.#etag = null;
      this.navigate(location.href, { push: false });
    });
    window.addEventListener("pageshow", () => byId("choose")?.reset()); // a browser may restore a choice
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-go]");
      if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.navigate(link.href, { replace: "replace" in link.dataset });
    });
    const choose = (form) => this.navigate(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
    document.addEventListener("change", ({ target }) => {
      if (target.form?.id === "choose" && target.form.reportValidity()) choose(target.form);
    });
    document.addEventListener("submit", (event) => {
      if (event.target.id !== "choose") return;
      event.preventDefault();
      choose(event.target);
    });
  }
}
