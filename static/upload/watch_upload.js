/* Renews the page of a file that is being loaded, until it is. */

import { byId } from "../common/dom.js";
import { LivePage } from "../common/live_page.js";

const POLL_MS = 1000;

new LivePage({
  pollMs: POLL_MS,
  afterPoll() {
    // The choice of columns is another page.
    if (!byId("upload-shown")) location.reload();
  },
}).start();
