/* A file is sent in parts, so that a slow line and a short interruption do no harm. Without a script the form sends it whole. */

import { all, byId } from "../common/dom.js";
import { gettext } from "../common/translations.js";

const TRIES = 5, WAIT_MS = 1000, PART_TIMEOUT_MS = 60000;
const form = byId("choose-file"), input = byId("file"), drop = byId("drop");

for (const place of all(".with-script")) place.hidden = false;
for (const place of all(".without-script")) place.hidden = true;
nameHotels();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.files[0]) send(input.files[0]);
});
input.addEventListener("change", () => showProblem(""));
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
  });
}
drop.addEventListener("drop", ({ dataTransfer }) => {
  if (!dataTransfer.files.length) return;
  input.files = dataTransfer.files;
  showProblem("");
});

async function send(file) {
  const { begin, largestMb } = form.dataset, button = byId("send-file");
  showProblem("");
  if (file.size > Number(largestMb) * 1024 * 1024) {
    showProblem(gettext("Nothing was uploaded: the file is larger than %(most)s MB.", { most: largestMb }));
    return;
  }
  button.disabled = true;
  try {
    const told = { hotel_id: byId("hotel_id").value, file_name: file.name, size: file.size, written_ms: file.lastModified };
    const upload = await post(begin, new URLSearchParams(told));
    await sendParts(file, upload);
    location.assign(upload.address);
  } catch (error) {
    showProblem(gettext("Nothing was loaded: %(reason)s.", { reason: error.message }));
    byId("upload-progress").hidden = true;
    button.disabled = false;
  }
}

async function sendParts(file, { parts, part_bytes: size }) {
  let start = 0, failures = 0;
  while (start < file.size) {
    showShare(start / file.size);
    try {
      const { received } = await post(`${parts}?start=${start}`, file.slice(start, start + size), "application/octet-stream");
      start = received;
      failures = 0;
    } catch (error) {
      if (error.received !== undefined && error.received !== start) start = error.received; // the server has more or less
      else if (error.isFinal || ++failures === TRIES) throw error;
      else await new Promise((resolve) => { setTimeout(resolve, WAIT_MS * failures); });
    }
  }
  showShare(1);
}

async function post(address, body, type = "application/x-www-form-urlencoded") {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const response = await fetch(address, {
    method: "POST", body, headers: { "Content-Type": type, "X-CSRFToken": token, Accept: "application/json" }, signal: AbortSignal.timeout(PART_TIMEOUT_MS),
  });
  const unexplained = gettext("the server answered %(status)s", { status: response.status });
  const answer = await response.json().catch(() => ({ detail: unexplained }));
  if (response.ok) return answer;
  const isFinal = response.status < 500 && ![408, 429].includes(response.status);
  throw Object.assign(new Error(answer.detail ?? unexplained), { received: answer.received, isFinal });
}

function showShare(share) {
  const percent = Math.round(100 * share);
  byId("upload-progress").hidden = false;
  byId("upload-bar").value = percent;
  byId("upload-share").textContent = `${percent} %`;
}

function showProblem(text) {
  byId("upload-wrong").textContent = text;
  byId("upload-wrong").hidden = !text;
}

/** Writes the hotels' names, which another service has, in the place of their numbers. */
async function nameHotels() {
  const select = byId("hotel_id");
  if (!select?.dataset.hotels) return;
  try {
    const response = await fetch(`${select.dataset.hotels}?page_size=500`, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const names = Object.fromEntries((await response.json()).map((hotel) => [hotel.hotel_id, hotel.name]));
    for (const option of select.options) if (names[option.value]) option.textContent = names[option.value];
  } catch { /* the numbers stay */ }
}
