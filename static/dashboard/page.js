"use strict";
/* The page works without this script; with it, it
   - writes numbers and dates as the browser's locale has them,
   - draws the chart from the rows in the page,
   - follows links and choices without a flash, and keeps the address right,
   - asks for its own address every second while it is seen, and renews what changed,
   - sorts tables, and reads out squares of the calendar. */
(() => {
  const POLL_MS = 1000, STATUS_MS = 5000, TIMEOUT_MS = 15000, BEHIND_SECONDS = 5;
  const locale = [navigator.languages?.[0], "en"].find((name) => {
    try { return name && Intl.getCanonicalLocales(name).length; } catch { return false; }
  });
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- numbers and dates ------------------------------------------------------------------------

  const one = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const signed = { signDisplay: "exceptZero" };
  const numbers = {};
  for (const [name, options] of Object.entries({
    number: {}, signed, percent: { style: "percent", ...one },
    change: { style: "percent", ...one, ...signed }, points: { ...one, ...signed },
  })) numbers[name] = new Intl.NumberFormat(locale, options);

  const dates = {};
  for (const [name, options] of Object.entries({
    day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
    date: { day: "numeric", month: "short", year: "numeric" },
    short: { day: "numeric", month: "short" },
    month: { month: "long", year: "numeric" },
    "month-short": { month: "short" },
    "month-name": { month: "long" },
    year: { year: "numeric" },
    weekday: { weekday: "narrow" },
  })) dates[name] = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });

  const onDay = (iso, as) => dates[as].format(new Date(`${iso}${"-01-01".slice(iso.length - 4)}T00:00:00Z`));
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });

  function ago(iso) {
    const seconds = (Date.parse(iso) - Date.now()) / 1000;
    for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
      if (seconds <= -size) return relative.format(Math.ceil(seconds / size), unit);
    }
    return relative.format(Math.min(0, Math.round(seconds)), "second");
  }

  function localise(root) {
    for (const item of all("data[data-as]", root)) {
      item.textContent = numbers[item.dataset.as].format(Number(item.value));
    }
    for (const item of all("time[data-as]", root)) {
      const { as, zone } = item.dataset;
      if (as === "ago") item.textContent = ago(item.dateTime);
      else if (as === "time") {
        try {
          item.textContent = new Intl.DateTimeFormat(locale,
            { timeZone: zone, dateStyle: "medium", timeStyle: "short" }).format(new Date(item.dateTime));
        } catch { /* a zone that this browser does not know stays as the server wrote it */ }
      } else item.textContent = onDay(item.dateTime, as);
    }
    for (const head of all("th[data-weekday]", root)) { // 2024 began on a Monday
      head.textContent = dates.weekday.format(Date.UTC(2024, 0, 1 + Number(head.dataset.weekday)));
    }
    for (const square of all("td[data-day]", root)) {
      const { day, net, occupancy } = square.dataset;
      let text = `${onDay(day, "day")}: ${"later" in square.dataset ? "–" : numbers.number.format(net)}`;
      if (occupancy) text += ` (${numbers.percent.format(occupancy)})`;
      square.setAttribute("aria-label", text);
    }
  }

  // --- the chart --------------------------------------------------------------------------------

  const CHART_NAMES = { gross: "Gross", cancelled: "Cancelled", net: "Net", last_year: "Net a year before" };
  let chart = null, source = null, windowDays = 366, windowStart = 0;

  const label = (index) => onDay(source.key[index], source.period);

  function tick(index) {
    const key = source.key[index];
    if (source.period === "year") return key;
    if (source.period === "month") return onDay(key, "month-short");
    return source.key.length > 31 ? onDay(key, "short") : String(Number(key.slice(8)));
  }

  const palette = {};

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["gross", "gross-edge", "cancelled", "net", "last_year", "ink", "soft", "paper", "line"]) {
      palette[name] = style.getPropertyValue(`--${name}`).trim();
    }
  }

  function makeChart() {
    readColours();
    const colour = (name) => () => palette[name];
    const set = (id) => ({ id, label: CHART_NAMES[id], data: [], borderColor: colour(id), backgroundColor: colour(id) });
    const line = (id, more) => ({ ...set(id), type: "line", pointStyle: "line",
      pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 4, borderWidth: 2, ...more });
    // Cancellations stand inside the bar of the bookings, so that a year of days has room.
    const bar = (id, order, width) => ({ ...set(id), type: "bar", pointStyle: "rect", order, grouped: false,
      categoryPercentage: 1, barPercentage: width, borderRadius: 2 });
    chart = new Chart(byId("chart").querySelector("canvas"), {
      data: { labels: [], datasets: [
        { ...bar("gross", 4, 0.8), borderColor: colour("gross-edge"), borderWidth: 1 },
        bar("cancelled", 3, 0.45),
        line("net", { order: 1, borderWidth: 2.5 }),
        line("last_year", { order: 2, borderDash: [5, 4] }),
      ] },
      options: {
        animation: false, maintainAspectRatio: false, locale,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { type: "category", grid: { display: false }, ticks: { color: colour("soft"), maxRotation: 0, autoSkipPadding: 14,
            callback: (value) => (source ? tick(value) : "") } },
          y: { grid: { color: colour("line") }, border: { display: false }, beginAtZero: true,
            ticks: { color: colour("soft"), precision: 0, maxTicksLimit: 7 } },
        },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, pointStyleWidth: 26, boxHeight: 8, color: colour("soft"),
            filter: (item) => item.datasetIndex < 3 || source?.has_last_year,
            sort: (a, b) => a.datasetIndex - b.datasetIndex } },
          tooltip: { itemSort: (a, b) => a.datasetIndex - b.datasetIndex, usePointStyle: true, backgroundColor: colour("ink"), titleColor: colour("paper"),
            bodyColor: colour("paper"), filter: (item) => item.raw !== null, callbacks: {
            title: (items) => (items.length ? label(items[0].dataIndex) : ""),
            label: (item) => `${item.dataset.label}: ${numbers.number.format(item.raw)}`,
          } },
        },
        onClick: (_, points) => { if (points.length && !dragged) open(points[0].index); },
      },
    });
    wireChart();
  }

  function drawChart() {
    const element = byId("chart-data");
    if (!element || !byId("chart") || !window.Chart) {
      chart?.destroy();
      chart = null;
      return;
    }
    const before = source;
    source = JSON.parse(element.textContent);
    if (chart && !chart.canvas.isConnected) { chart.destroy(); chart = null; }
    if (!chart) makeChart();
    const isNew = before?.period !== source.period || before?.key[0] !== source.key[0];
    chart.data.labels = source.key;
    for (const set of chart.data.datasets) set.data = source[set.id];
    chart.setDatasetVisibility(3, source.has_last_year);
    const zoomable = source.key.length > 92;
    byId("zoom").hidden = !zoomable;
    if (isNew) {
      windowDays = zoomable && window.innerWidth < 700 ? 92 : 366;
      const last = source.gross.findLastIndex((gross, index) => gross || source.cancelled[index]);
      windowStart = last + 1 - windowDays;
      point = -1;
    }
    byId("chart").classList.toggle("opens", source.opens.some(Boolean));
    look(windowDays, windowStart);
    if (point >= 0 && document.activeElement === byId("chart")) read(point);
    else describe(point < 0 ? source.key.length - 1 : point);
  }

  function look(days, start) {
    const count = source.key.length;
    windowDays = days;
    const shown = Math.min(days, count);
    windowStart = Math.max(0, Math.min(Math.round(start), count - shown));
    Object.assign(chart.options.scales.x, { min: windowStart, max: windowStart + shown - 1 });
    chart.update("none");
    const range = byId("zoom").querySelector("input");
    range.max = count - shown;
    range.value = windowStart;
    range.disabled = shown === count;
    range.setAttribute("aria-valuetext", label(windowStart));
    for (const button of all("#zoom button")) {
      button.setAttribute("aria-pressed", Number(button.dataset.days) === days);
    }
  }

  let point = -1, dragged = false;

  function describe(index) {
    const parts = ["gross", "cancelled", "net", "last_year"]
      .filter((name) => source[name][index] !== null)
      .map((name) => `${CHART_NAMES[name]} ${numbers.number.format(source[name][index])}`);
    const box = byId("chart");
    box.setAttribute("aria-valuemax", source.key.length);
    box.setAttribute("aria-valuenow", index + 1);
    box.setAttribute("aria-valuetext", `${label(index)}: ${parts.join(", ")}`);
  }

  function read(index) {
    point = Math.max(0, Math.min(index, source.key.length - 1));
    if (point < windowStart) look(windowDays, point);
    if (point >= windowStart + windowDays) look(windowDays, point - windowDays + 1);
    describe(point);
    const active = chart.data.datasets.map((_, set) => ({ datasetIndex: set, index: point }))
      .filter(({ datasetIndex }) => chart.isDatasetVisible(datasetIndex));
    const { x, y } = chart.getDatasetMeta(0).data[point];
    chart.setActiveElements(active);
    chart.tooltip.setActiveElements(active, { x, y });
    chart.update("none");
  }

  function open(index) {
    if (source.opens[index]) go(source.opens[index]);
  }

  function wireChart() {
    const box = byId("chart"), range = byId("zoom").querySelector("input");
    box.addEventListener("keydown", (event) => {
      const isBack = ["ArrowLeft", "ArrowDown", "PageUp"].includes(event.key);
      const from = point >= 0 ? point : isBack ? source.key.length : -1;
      const to = { ArrowLeft: from - 1, ArrowRight: from + 1, ArrowDown: from - 1, ArrowUp: from + 1,
        PageUp: from - 7, PageDown: from + 7, Home: 0, End: source.key.length - 1 }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        read(to);
      } else if (event.key === "Enter" && point >= 0) open(point);
      else if (event.key === "Escape") unread();
    });
    const unread = () => {
      chart?.setActiveElements([]);
      chart?.tooltip.setActiveElements([], { x: 0, y: 0 });
      chart?.update("none");
    };
    box.addEventListener("blur", unread);
    let grip = null;
    box.addEventListener("pointerdown", (event) => { grip = { x: event.clientX, start: windowStart }; dragged = false; });
    box.addEventListener("pointermove", (event) => {
      if (!grip || !event.buttons || windowDays >= source.key.length) return;
      const moved = (grip.x - event.clientX) / chart.chartArea.width * windowDays;
      if (Math.abs(grip.x - event.clientX) > 4) dragged = true;
      if (dragged) look(windowDays, grip.start + moved);
    });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
      box.addEventListener(name, () => { grip = null; });
    }
    box.addEventListener("wheel", (event) => {
      const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);
      if (!sideways || windowDays >= source.key.length) return;
      event.preventDefault();
      look(windowDays, windowStart + Math.sign(sideways) * Math.max(1, windowDays / 12));
    }, { passive: false });
    range.addEventListener("input", () => look(windowDays, Number(range.value)));
    byId("zoom").addEventListener("click", ({ target }) => {
      const days = Number(target.dataset.days);
      if (days) look(days, windowStart + Math.min(windowDays, source.key.length) - days);
    });
  }

  const repaint = () => { if (chart) { readColours(); chart.update("none"); } };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  window.addEventListener("beforeprint", () => { document.documentElement.classList.add("on-paper"); repaint(); });
  window.addEventListener("afterprint", () => { document.documentElement.classList.remove("on-paper"); repaint(); });

  // --- tables -----------------------------------------------------------------------------------

  const sorting = {}; // by table: the name of the column, and which way

  function makeSortable() {
    for (const table of all("table[data-sortable]")) {
      for (const [column, head] of all("thead th", table).entries()) {
        if (head.querySelector("button")) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.id = `${table.id}-${column}`;
        button.append(...head.childNodes);
        const name = head.textContent || button.textContent; // columns come and go with the choice
        button.addEventListener("click", () => {
          const now = sorting[table.id];
          const way = now?.name === name ? -now.way : column ? -1 : 1;
          sorting[table.id] = { name, way };
          sort(table);
        });
        head.append(button);
      }
      sort(table);
    }
  }

  function sort(table) {
    const { name, way } = sorting[table.id] || {};
    const heads = all("thead th", table);
    const column = heads.findIndex((head) => head.textContent === name);
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    if (column < 0) return;
    const value = (row) => {
      const cell = row.cells[column], data = cell?.querySelector("data"), time = cell?.querySelector("time");
      return data ? Number(data.value) : time ? time.dateTime : -Infinity;
    };
    const rows = [...table.tBodies[0].rows].map((row) => [value(row), row]);
    rows.sort(([a], [b]) => (a < b ? -way : a > b ? way : 0));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  }

  // --- the calendar -----------------------------------------------------------------------------

  const tip = byId("tip");

  function pointAt(square) {
    const hide = !square;
    tip.hidden = hide;
    if (hide) return;
    tip.textContent = square.getAttribute("aria-label");
    const box = square.getBoundingClientRect(), own = tip.getBoundingClientRect();
    const left = Math.max(4, Math.min(box.left + box.width / 2 - own.width / 2, document.documentElement.clientWidth - own.width - 4));
    const top = box.top > own.height + 8 ? box.top - own.height - 6 : box.bottom + 6;
    tip.style.transform = `translate(${left}px, ${top}px)`;
  }

  function rove(square) {
    for (const other of all("#heat td[tabindex='0']")) other.tabIndex = -1;
    if (square) square.tabIndex = 0;
  }

  const squareOf = (event) => event.target.closest?.("td[data-day]");
  document.addEventListener("pointerover", (event) => pointAt(squareOf(event)));
  document.addEventListener("focusin", (event) => {
    const square = squareOf(event);
    pointAt(square);
    if (square) rove(square);
  });
  window.addEventListener("scroll", () => pointAt(null), { passive: true, capture: true });
  document.addEventListener("click", (event) => {
    const square = squareOf(event);
    if (square) square.closest("table").querySelector("caption a").click();
  });
  document.addEventListener("keydown", (event) => {
    const square = squareOf(event);
    if (event.key === "Escape") pointAt(null);
    if (!square) return;
    if (event.key === "Enter") square.closest("table").querySelector("caption a").click();
    const rtl = document.dir === "rtl" ? -1 : 1;
    const step = { ArrowLeft: -rtl, ArrowRight: rtl, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (!step) return;
    event.preventDefault();
    const squares = all("#heat td[data-day]");
    squares[Math.max(0, Math.min(squares.indexOf(square) + step, squares.length - 1))].focus();
  });

  // --- renewing the page ------------------------------------------------------------------------

  const raw = new Map(); // by id: a live part as the server wrote it

  function remember(root) {
    raw.clear();
    for (const part of all("[data-live]", root)) raw.set(part.id, part.outerHTML);
  }

  /** Where the focus is, so that it can be found again in a part that was written anew. */
  function focusKey(element) {
    for (const name of ["id", "href", "name"]) {
      const value = element.getAttribute?.(name);
      if (value) return `[${name}="${CSS.escape(value)}"]`;
    }
    return element.dataset?.day ? `[data-day="${element.dataset.day}"]` : null;
  }

  /** Our page; an error for what a proxy, a Wi-Fi login or a fault answered in its place. */
  function ourPage(html) {
    const next = new DOMParser().parseFromString(html, "text/html");
    if (!next.querySelector("body[data-status] #main")) throw new Error("something else answered");
    return next;
  }

  function renew(html) {
    const next = ourPage(html);
    const parts = all("[data-live]", next), ids = parts.map((part) => part.id).join();
    const focused = document.activeElement, key = focusKey(focused), home = focused.closest?.("[data-live]")?.id;
    const scrolls = all(".scroll").map((box) => [box.id, box.scrollTop, box.scrollLeft]);
    const fresh = [];
    if (ids === [...raw.keys()].join()) {
      for (const part of parts) {
        if (raw.get(part.id) === part.outerHTML) continue;
        raw.set(part.id, part.outerHTML);
        const mine = document.importNode(part, true);
        byId(part.id).replaceWith(mine);
        fresh.push(mine);
      }
    } else {
      raw.clear();
      for (const part of parts) raw.set(part.id, part.outerHTML);
      document.title = next.title;
      for (const id of ["main", "fresh-time"]) {
        const mine = document.importNode(next.getElementById(id) || document.createElement("span"), true);
        mine.id = id;
        byId(id).replaceWith(mine);
        fresh.push(mine);
      }
    }
    if (!fresh.length) return false;
    document.title = next.title;
    for (const part of fresh) localise(part);
    enhance();
    for (const [id, top, left] of scrolls) byId(id)?.scrollTo(left, top);
    if (!document.contains(focused)) {
      const again = key && (byId(home) || document).querySelector(key);
      (again || byId(home) || byId("main")).focus({ preventScroll: true });
    }
    return true;
  }

  function enhance() {
    drawChart();
    makeSortable();
    if (!document.querySelector("#heat td[tabindex='0']")) rove(document.querySelector("#heat td[data-day]"));
  }

  // --- asking the server ------------------------------------------------------------------------

  let etag = null, asking = null, failedSince = null, missed = 0;

  async function ask(address, headers = {}) {
    asking?.abort();
    const own = asking = new AbortController();
    const patience = setTimeout(() => own.abort(new DOMException("no answer", "TimeoutError")), TIMEOUT_MS);
    try {
      const response = await fetch(address, { headers, cache: "no-store", signal: own.signal });
      if (response.redirected) location.reload(); // the login has ended
      const html = response.status === 304 ? null : await response.text();
      return { status: response.status, html, etag: response.headers.get("ETag") };
    } finally {
      clearTimeout(patience);
      if (asking === own) asking = null;
    }
  }

  let going = 0;

  async function go(address, push = true) {
    const mine = ++going;
    const url = new URL(address, location.href);
    byId("main").setAttribute("aria-busy", "true");
    byId("progress").hidden = false;
    byId("trouble")?.setAttribute("hidden", "");
    try {
      const answer = await ask(url);
      if (mine !== going) return;
      if (answer.status >= 500) throw new Error(`the server answered ${answer.status}`);
      ourPage(answer.html);
      if (push) history.pushState(null, "", url);
      etag = answer.etag;
      renew(answer.html);
    } catch (error) {
      if (mine !== going) return;
      trouble(error, () => go(address, push));
    } finally {
      if (mine === going) {
        byId("main").removeAttribute("aria-busy");
        byId("progress").hidden = true;
      }
    }
  }

  function trouble(error, again) {
    const place = byId("trouble");
    if (!place) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Try again";
    button.addEventListener("click", again);
    place.replaceChildren(`That view did not load (${error.message}); this is still the one before. `, button);
    place.hidden = false;
    byId("choose")?.reset(); // what is chosen there is what is shown
  }

  async function poll() {
    if (byId("main").getAttribute("aria-busy")) return;
    const address = location.href.split("#")[0];
    try {
      const answer = await ask(address, etag ? { "If-None-Match": etag } : {});
      if (![200, 304].includes(answer.status)) throw new Error(`the server answered ${answer.status}`);
      if (answer.html) ourPage(answer.html);
      failedSince = null;
      if (answer.status === 200 && address === location.href.split("#")[0]) {
        etag = answer.etag;
        if (renew(answer.html)) await status();
      }
    } catch (error) {
      if (error.name === "AbortError") return; // a choice went first
      failedSince ??= new Date();
      fresh("away", `No connection since ${clock.format(failedSince)}: these are the last figures`);
    }
    const changed = byId("changed");
    if (changed) changed.textContent = ago(changed.dateTime);
  }

  function fresh(state, text) {
    const place = byId("fresh-state");
    if (!place) return;
    byId("freshness").dataset.state = state;
    if (place.textContent !== text) place.textContent = text;
  }

  let askedStatus = 0;

  async function status() {
    askedStatus = Date.now();
    if (!byId("fresh-state")) return;
    try {
      const response = await fetch(document.body.dataset.status, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(response.status);
      const { events_behind: events, seconds_behind: seconds } = await response.json();
      missed = events === null ? missed + 1 : 0;
      if (missed > 1) fresh("away", "The event ledger does not answer: these are the last figures");
      else if (events && seconds > BEHIND_SECONDS) fresh("behind", `Catching up: ${numbers.number.format(events)} events behind`);
      else if (!missed) fresh("live", "Up to date");
    } catch { /* poll tells of it */ }
  }

  let timer = null, lives = 0;

  async function live() {
    const mine = ++lives; // the newest round alone goes on
    clearTimeout(timer);
    if (document.visibilityState !== "visible") return; // nobody looks: ask nothing
    await poll();
    if (!failedSince && Date.now() - askedStatus >= STATUS_MS) status();
    if (mine === lives && document.visibilityState === "visible") timer = setTimeout(live, POLL_MS);
  }

  document.addEventListener("visibilitychange", live);
  window.addEventListener("popstate", () => {
    etag = null; // what is shown is not what the address says
    go(location.href, false);
  });
  window.addEventListener("pageshow", () => byId("choose")?.reset()); // a browser may restore a choice
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-go]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href);
  });
  const choose = (form) => go(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
  document.addEventListener("change", ({ target }) => {
    if (target.form?.id === "choose" && target.form.reportValidity()) choose(target.form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "choose") return;
    event.preventDefault();
    choose(event.target);
  });

  remember(document);
  localise(document);
  enhance();
  live();
})();
