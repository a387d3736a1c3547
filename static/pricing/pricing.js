"use strict";
/* The page is rendered by the server; this script
   - opens nights and months without a flash, and keeps the address right,
   - asks for its own address every three seconds while it is seen, and renews what changed,
   - sends decisions and settings to the REST API, and shows what it answers next to the form,
   - shows in the calendar what changed settings would do, before they are saved. */
(() => {
  const POLL_MS = 3000, TIMEOUT_MS = 30000, PREVIEW_AFTER_MS = 300;
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const place = byId("pricing");

  // --- numbers and dates, as the browser has them -------------------------------------------------

  const locale = [navigator.languages?.[0], "en"].find((name) => {
    try { return name && Intl.getCanonicalLocales(name).length; } catch { return false; }
  });
  const whole = new Intl.NumberFormat(locale);
  const signed = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" });
  const cents = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const money = (value) => (Number.isInteger(Number(value)) ? whole : cents).format(value);
  const numbers = { number: (value) => whole.format(value), signed: (value) => signed.format(value), money };
  const dates = {};
  for (const [name, options] of Object.entries({
    day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
    date: { day: "numeric", month: "short", year: "numeric" },
    month: { month: "long", year: "numeric" },
  })) dates[name] = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
  const minute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

  function localise(root) {
    for (const item of all("data[data-as]", root)) item.textContent = numbers[item.dataset.as](Number(item.value));
    for (const item of all("time[data-as]", root)) {
      const { as } = item.dataset, time = new Date(item.dateTime);
      item.textContent = as === "time" ? minute.format(time) : dates[as].format(time);
    }
  }

  // --- asking the server --------------------------------------------------------------------------

  const patience = () => AbortSignal.timeout(TIMEOUT_MS);

  /** The REST API's answer. Throws what it says is wrong, by field, as `wrong`. */
  async function api(method, address, body) {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (token) headers["X-CSRFToken"] = token;
    const response = await fetch(address, { method, headers, signal: patience(), body: body && JSON.stringify(body) });
    const text = await response.text();
    let said;
    try { said = JSON.parse(text); } catch { said = { detail: `the server answered ${response.status}` }; }
    if (!response.ok) throw Object.assign(new Error(words(said)), { wrong: said });
    return said;
  }

  /** What the API says is wrong, in one line; rows of lists are counted from one, as people do. */
  function words(said) {
    if (Array.isArray(said)) {
      const isRows = said.some((one) => one && typeof one === "object");
      return said.map((one, index) => (isRows && words(one) ? `row ${index + 1}: ${words(one)}` : words(one)))
        .filter(Boolean).join("; ");
    }
    if (said && typeof said === "object") {
      return Object.entries(said).map(([name, why]) => (["price", "detail", "nights", "non_field_errors"].includes(name)
        ? words(why) : `${name.replaceAll("_", " ")}: ${words(why)}`)).join("; ");
    }
    return String(said).replace(/^(\d+): /, (_, row) => `row ${Number(row) + 1}: `);
  }

  // --- renewing the page --------------------------------------------------------------------------

  const raw = new Map(); // by id: a live part as the server wrote it
  let etag = null, going = 0;

  const here = () => location.href.split("#")[0];
  const hotelOf = (address) => new URL(address).searchParams.get("hotel_id") ?? place?.dataset.hotel;

  async function page(address, headers = {}) {
    const response = await fetch(address, { headers, cache: "no-store", signal: patience() });
    if (response.redirected) location.reload(); // the login has ended
    if (response.status === 304) return null;
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!next.querySelector("body[data-status] #main")) throw new Error("something else answered");
    return { next, etag: response.headers.get("ETag") };
  }

  const isBeingEdited = (part) => (part.id === "settings-shown" ? Object.keys(changes()).length > 0
    : all("input", part).some((input) => input.value !== input.defaultValue));

  function renew(next, { force = false } = {}) {
    const parts = all("[data-live]", next);
    if (parts.some((part) => !byId(part.id))) { location.reload(); return; } // another kind of page
    document.title = next.title;
    const focused = document.activeElement, key = focused?.id ? `#${CSS.escape(focused.id)}`
      : focused?.dataset?.night ? `[data-night="${focused.dataset.night}"]` : null;
    const unfolded = all("#settings-shown details").map((one) => one.open);
    for (const part of parts) {
      const old = byId(part.id);
      if (raw.get(part.id) === part.outerHTML || (!force && isBeingEdited(old))) continue;
      raw.set(part.id, part.outerHTML);
      const mine = document.importNode(part, true);
      old.replaceWith(mine);
      localise(mine);
      if (part.id === "settings-shown") {
        all("details", mine).forEach((one, index) => { one.open = unfolded[index] ?? one.open; });
        settled();
      }
      if (part.id === "night-shown") drawCurve();
      if (part.id === "calendar") ready();
    }
    if (key && !document.contains(focused)) document.querySelector(key)?.focus({ preventScroll: true });
  }

  async function go(address, { push = true, force = false } = {}) {
    const mine = ++going, url = new URL(address, location.href);
    byId("progress").hidden = false;
    byId("trouble").hidden = true;
    try {
      const answer = await page(url);
      if (mine !== going) return;
      if (push) history.pushState(null, "", url);
      etag = answer.etag;
      renew(answer.next, { force });
      showNight();
    } catch (error) {
      if (mine !== going) return;
      byId("trouble").textContent = `That did not load (${error.message}); this is still the view before.`;
      byId("trouble").hidden = false;
    } finally {
      if (mine === going) byId("progress").hidden = true;
    }
  }

  const again = () => go(here(), { push: false, force: true });

  let timer = null, lives = 0;

  async function live() {
    const round = ++lives; // the newest alone goes on
    clearTimeout(timer);
    if (document.visibilityState !== "visible") return; // nobody looks: ask nothing
    const mine = going, address = here();
    try {
      const answer = await page(address, etag ? { "If-None-Match": etag } : {});
      if (answer && mine === going && address === here()) { etag = answer.etag; renew(answer.next); }
      if (byId("trouble").dataset.away) { byId("trouble").hidden = true; delete byId("trouble").dataset.away; }
    } catch {
      byId("trouble").textContent = "No connection: these are the last prices.";
      byId("trouble").dataset.away = "yes";
      byId("trouble").hidden = false;
    }
    if (round === lives) timer = setTimeout(live, POLL_MS);
  }

  // --- the calendar -------------------------------------------------------------------------------

  const cells = () => all("a.cell");

  /** One stop for the Tab key; the arrow keys go on from there. */
  function ready() {
    const list = cells(), opened = new URL(here()).searchParams.get("night");
    const first = list.find((cell) => cell.dataset.night === opened) || list.find((cell) => !cell.matches(".past")) || list[0];
    for (const cell of list) cell.tabIndex = cell === first ? 0 : -1;
    showPreview();
  }

  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("a.cell");
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -31, End: 31 }[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const list = cells(), to = list[Math.max(0, Math.min(list.indexOf(cell) + step, list.length - 1))];
    cell.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-go]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (link.matches(".close")) byId("night").close();
    else go(link.href);
  });

  // --- the opened night ---------------------------------------------------------------------------

  let chart = null;

  function showNight() {
    const dialog = byId("night"), night = new URL(here()).searchParams.get("night");
    if (!dialog) return;
    if (!night) { if (dialog.open) dialog.close(); return; }
    if (!dialog.matches(":modal")) {
      dialog.open = false;
      dialog.showModal();
    }
    dialog.scrollTop = 0;
    byId("night-title")?.focus();
  }

  /** Closed by Escape, the cross or Back: the address follows, and the focus goes to the night. */
  function closed() {
    const url = new URL(here()), night = url.searchParams.get("night");
    if (!night) return;
    url.searchParams.delete("night");
    url.searchParams.set("month", night.slice(0, 7));
    history.pushState(null, "", url);
    etag = null;
    raw.delete("night-shown");
    document.querySelector(`a.cell[data-night="${CSS.escape(night)}"]`)?.focus({ preventScroll: true });
  }

  function drawCurve() {
    chart?.destroy();
    chart = null;
    const source = byId("curve-data"), canvas = document.querySelector("#curve canvas");
    if (!source || !canvas || !window.Chart) return;
    const of = JSON.parse(source.textContent), points = of.curve;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const line = (name, label, more) => ({ label, pointRadius: 0, borderWidth: 2, pointStyle: "line", borderColor: colour("ink"), backgroundColor: colour("ink"),
      data: points.filter((one) => one[name] !== null).map((one) => ({ x: one.days_before, y: one[name] })), ...more });
    const now = points.find((one) => one.days_before === of.days_before)?.on_the_books ?? 0;
    const toward = (end) => [{ x: of.days_before, y: now }, { x: 0, y: end }];
    const interval = { borderWidth: 0, pointRadius: 0, borderColor: "transparent" };
    // From where anything was on the books: most of a year before is a line at zero.
    const begin = points.find((one) => Math.max(one.on_the_books ?? 0, one.expected, one.last_year ?? 0) > 0.03 * of.rooms);
    chart = new Chart(canvas, {
      type: "line",
      data: { datasets: [
        line("on_the_books", "On the books", { borderWidth: 3, stepped: "before" }),
        line("expected", "Expected", { borderColor: colour("expected"), backgroundColor: colour("expected"), borderDash: [7, 4] }),
        line("last_year", "Last year", { borderColor: colour("last_year"), backgroundColor: colour("last_year"), borderDash: [2, 3] }),
        { ...interval, label: "low", data: toward(of.forecast_low) },
        { ...interval, label: "high", data: toward(of.forecast_high), fill: "-1", backgroundColor: colour("bar-forecast") },
        { label: "whisker", data: [{ x: 0, y: of.forecast_low }, { x: 0, y: of.forecast_high }], borderColor: colour("cancelled"),
          borderWidth: 3, pointStyle: "line", pointRadius: 5, pointBorderWidth: 2, clip: false },
        { label: "Forecast with its interval", data: [{ x: 0, y: of.forecast }], showLine: false, pointRadius: 6, pointStyle: "rectRot",
          borderColor: colour("cancelled"), backgroundColor: colour("cancelled"), clip: false },
      ] },
      options: {
        animation: false, maintainAspectRatio: false, locale, layout: { padding: { right: 10 } },
        interaction: { mode: "nearest", axis: "x", intersect: false },
        scales: {
          x: { type: "linear", reverse: true, min: 0, max: Math.max(14, begin?.days_before ?? 90, of.days_before + 7), grid: { display: false },
            ticks: { color: colour("soft"), maxTicksLimit: 7, precision: 0 }, title: { display: true, text: "days before the night", color: colour("soft") } },
          y: { beginAtZero: true, grid: { color: colour("line") }, border: { display: false }, ticks: { color: colour("soft"), precision: 0, maxTicksLimit: 6 } },
        },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, pointStyleWidth: 24, boxHeight: 7, color: colour("soft"),
            filter: (item) => ![3, 4, 5].includes(item.datasetIndex) } },
          tooltip: { usePointStyle: true, backgroundColor: colour("ink"), titleColor: colour("paper"), bodyColor: colour("paper"),
            filter: (item) => ![3, 4, 5].includes(item.datasetIndex),
            callbacks: { title: (items) => (items.length ? `${whole.format(items[0].parsed.x)} days before` : ""),
              label: (item) => `${item.dataset.label}: ${whole.format(Math.round(item.parsed.y))}` } },
        },
      },
    });
  }

  // --- decisions ----------------------------------------------------------------------------------

  function say(text) { byId("done").textContent = text; }

  async function decide(body) {
    await api("POST", place.dataset.decisions, { hotel_id: Number(place.dataset.hotel), ...body });
    await again();
  }

  async function decideNight(form, action) {
    const { night, recommended } = form.dataset, wrong = byId("decide-wrong");
    const reason = form.elements.reason.value.trim(), price = { accept: recommended, override: form.elements.price.value }[action];
    const body = { nights: [night], action, ...(price !== undefined && { price }), ...(reason && { reason }) };
    wrong.hidden = true;
    form.elements.price.removeAttribute("aria-invalid");
    for (const button of all("button", form)) button.disabled = true;
    try {
      await decide(body);
      say({ accept: "Accepted.", override: "Set and held.", lock: "Locked.", release: "Released." }[action]);
      byId("night-title")?.focus({ preventScroll: true });
    } catch (error) {
      if (action === "accept" && error.wrong?.price) {
        await again(); // so that the price that is recommended by now can be accepted
        const anew = byId("decide-wrong") || wrong;
        anew.textContent = `Not accepted: ${words(error.wrong.price)}. Look again, then accept.`;
        anew.hidden = false;
        return;
      }
      wrong.textContent = `Nothing was changed: ${error.message}`;
      wrong.hidden = false;
      if (action === "override") {
        form.elements.price.setAttribute("aria-invalid", "true");
        form.elements.price.focus();
      }
    } finally {
      for (const button of all("button", form)) button.disabled = false;
    }
  }

  async function acceptAll() {
    const nights = JSON.parse(byId("suggested").textContent), count = nights.length;
    const confirm = byId("confirm");
    byId("confirm-text").textContent = count === 1 ? "Accept the recommended price of 1 night?"
      : `Accept the recommended prices of ${count} nights?`;
    confirm.returnValue = "no";
    confirm.showModal();
    await new Promise((done) => { confirm.addEventListener("close", done, { once: true }); });
    if (confirm.returnValue !== "yes") return;
    try {
      await decide({ nights, action: "accept" });
      say(`${count} ${count === 1 ? "price" : "prices"} accepted.`);
    } catch (error) {
      say(`Nothing was changed: ${error.message}`);
    }
  }

  // --- settings -----------------------------------------------------------------------------------

  const asNumber = (text) => (text === "" ? null : Number(text));
  const READ = {
    text: (text) => text.trim(), money: (text) => text.trim(), number: asNumber, numbers: asNumber,
    percents: (text) => (text === "" ? null : Math.round(Number(text) * 10) / 1000),
  };
  let stored = {}, previewed = null, waiting = null, previews = 0;

  const form = () => byId("settings") || byId("make");

  /** The form as the API takes it: every field and every list, whole. */
  function read() {
    const told = {};
    for (const input of all("[data-field]", form())) {
      const { field, kind } = input.dataset;
      if (kind === "secret") { if (input.value) told[field] = input.value; continue; }
      const value = READ[kind](input.value);
      if (kind === "numbers" || kind === "percents") (told[field] ??= []).push(value);
      else told[field] = value;
    }
    for (const list of all("[data-rows]", form())) {
      told[list.dataset.rows] = all(".row", list).map((row) => {
        const found = all("[data-column]", row).map((input) => [input.dataset.column,
          input.dataset.kind === "number" ? asNumber(input.value) : input.value]);
        return list.dataset.rows === "lead_factors" ? found.map(([, value]) => value) : Object.fromEntries(found);
      });
    }
    return told;
  }

  function changes() {
    if (!byId("settings")) return {};
    return Object.fromEntries(Object.entries(read()).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(stored[name])));
  }

  function settled() {
    stored = byId("settings") ? read() : {};
    previewed = null;
    showWrong({});
    edited(false);
    showPreview();
  }

  function edited(isEdited) {
    if (!byId("save")) return;
    byId("save").disabled = !isEdited;
    byId("discard").hidden = !isEdited;
  }

  function showWrong(wrong) {
    const rest = { ...wrong };
    for (const old of all(".wrong[data-made]", form())) old.remove();
    for (const input of all("[data-field]", form())) {
      const why = wrong[input.dataset.field], listed = form().querySelector(`[data-wrong="${input.dataset.field}"]`);
      input.toggleAttribute("aria-invalid", Boolean(why));
      if (why) input.setAttribute("aria-invalid", "true");
      if (!why || listed) continue;
      delete rest[input.dataset.field];
      const note = document.createElement("p");
      Object.assign(note, { className: "wrong", id: `wrong-${input.dataset.field}`, textContent: words(why) });
      note.dataset.made = "yes";
      input.setAttribute("aria-describedby", note.id);
      input.after(note);
    }
    for (const note of all("[data-wrong]", form())) {
      const why = wrong[note.dataset.wrong];
      delete rest[note.dataset.wrong];
      note.textContent = why ? words(why) : "";
      note.hidden = !why;
    }
    const note = form()?.querySelector("[data-rest]");
    if (!note) return;
    note.textContent = words(rest);
    note.hidden = !note.textContent;
  }

  async function preview() {
    const mine = ++previews, wanted = changes(), isEdited = Object.keys(wanted).length > 0;
    edited(isEdited);
    let found = null, wrong = {};
    if (isEdited) {
      try {
        found = new Map((await api("POST", place.dataset.preview, wanted)).map((one) => [one.night, one]));
      } catch (error) { wrong = error.wrong || { detail: error.message }; }
    }
    if (mine !== previews) return;
    previewed = found;
    showWrong(wrong);
    showPreview();
  }

  function showPreview() {
    const calendar = byId("calendar"), summary = byId("preview");
    if (!calendar || !summary) return;
    calendar.classList.toggle("previewing", Boolean(previewed));
    summary.hidden = !previewed;
    let count = 0, changing = 0, before = 0, after = 0;
    for (const cell of cells()) {
      const would = cell.querySelector(".would"), one = previewed?.get(cell.dataset.night);
      const isOther = Boolean(one) && Number(one.recommended) !== Number(one.would_be);
      cell.classList.toggle("changes", isOther);
      would.hidden = !previewed;
      would.replaceChildren();
      if (!previewed) continue;
      const strong = document.createElement("strong");
      strong.textContent = money(one ? one.would_be : cell.dataset.price);
      would.append(isOther ? `${money(one.recommended)} → ` : "", strong);
      if (!one) continue;
      count += 1;
      changing += isOther;
      before += Number(one.recommended);
      after += Number(one.would_be);
    }
    if (previewed) {
      const elsewhere = [...previewed.values()].filter((one) => Number(one.recommended) !== Number(one.would_be)).length;
      const mean = count ? `; their mean ${cents.format(before / count)} → ${cents.format(after / count)}` : "";
      summary.textContent = `Not saved. Recommended prices of this month: ${changing} of ${count} nights change${mean}. Of the coming year: ${elsewhere}.`;
    }
  }

  async function save() {
    const button = byId("save") || form().querySelector("button"), isNew = !byId("settings");
    button.disabled = true;
    clearTimeout(waiting);
    previews += 1;
    say("");
    try {
      await api("PATCH", place.dataset.rules, isNew ? read() : changes());
      if (isNew) { location.reload(); return; }
      await again();
      settled();
      say("Saved; the prices follow the new settings.");
    } catch (error) {
      showWrong(error.wrong || { detail: error.message });
      all(".settings details").forEach((one) => { if (one.querySelector(".wrong:not([hidden])")) one.open = true; });
      form().querySelector("[aria-invalid=true]")?.focus();
      button.disabled = false;
    }
  }

  /** Fills in what the hotel's history says; the window stays learned, which is more than one number. */
  async function propose() {
    let proposal;
    try {
      proposal = await api("GET", place.dataset.proposal);
    } catch (error) { showWrong({ detail: error.message }); return; }
    let taken = 0;
    for (const name of ["month_factors", "weekday_factors", "target_occupancy"]) {
      if (!proposal[name]) continue;
      taken += 1;
      const scale = name === "target_occupancy" ? 100 : 1;
      all(`[data-field="${name}"]`).forEach((input, index) => {
        input.value = Math.round(proposal[name][index] * scale * 100) / 100;
        input.closest("details").open = true;
      });
    }
    const days = proposal.booking_window_days;
    byId("window-proposed").textContent = days ? `Half of the rooms were booked by ${days} days before.` : "";
    say(taken ? "Proposals are filled in, not saved." : "There is too little history for proposals.");
    preview();
  }

  // --- what happens -------------------------------------------------------------------------------

  function addRow(list) {
    const template = list.querySelector("template");
    list.insertBefore(template.content.cloneNode(true), template);
    all(".row", list).at(-1).querySelector("input").focus();
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button");
    if (!button) return;
    if (button.id === "accept-all") acceptAll();
    else if (button.id === "propose") propose();
    else if (button.id === "discard") { raw.delete("settings-shown"); again(); }
    else if ("add" in button.dataset) { addRow(button.closest(".list")); preview(); }
    else if ("remove" in button.dataset) {
      const list = button.closest(".list");
      button.closest(".row").remove();
      list.querySelector("[data-add]").focus();
      preview();
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "decide") decideNight(event.target, event.submitter?.value ?? "override");
    else if (["settings", "make"].includes(event.target.id)) save();
    else return;
    event.preventDefault();
  });
  document.addEventListener("input", ({ target }) => {
    if (target.form?.id !== "settings") return;
    clearTimeout(waiting);
    waiting = setTimeout(preview, PREVIEW_AFTER_MS);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.form?.id === "choose" && target.form.reportValidity()) target.form.submit();
  });
  window.addEventListener("popstate", () => {
    etag = null; // what is shown is not what the address says
    if (hotelOf(here()) === byId("hotel")?.value) go(here(), { push: false });
    else location.reload();
  });
  document.addEventListener("visibilitychange", live);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCurve);
  byId("night")?.addEventListener("close", closed);

  for (const part of all("[data-live]")) raw.set(part.id, part.outerHTML);
  localise(document);
  if (matchMedia("(max-width: 68rem)").matches && byId("settings-box")) byId("settings-box").open = false;
  settled();
  ready();
  drawCurve();
  showNight();
  timer = setTimeout(live, POLL_MS);
})();
