/* The dashboard. The page works without this script; with it, it draws the chart from the rows in
   the page, renews itself every second, sorts its tables and reads out the heat map. */

import { LivePage } from "../common/live_page.js";
import { enhanceWideTables } from "../common/wide_tables.js";
import { restoreFeedStatus, updateFeedStatus } from "./feed_status.js";
import { enhanceHeatMap, listenToHeatMap } from "./heat_map.js";
import { RoomNightChart } from "./room_night_chart.js";
import { enhanceTables } from "./sortable_tables.js";

const POLL_MS = 1000;

const page = new LivePage({
  pollMs: POLL_MS,
  enhance() {
    chart.renew();
    enhanceTables();
    enhanceWideTables();
    enhanceHeatMap();
    restoreFeedStatus();
  },
  afterPoll({ isChanged, isQuiet, failure }) {
    const done = updateFeedStatus({ failure, isQuiet, isUrgent: isChanged });
    return isChanged ? done : undefined; // else the status may take longer than the next poll
  },
});
const chart = new RoomNightChart({ open: (address) => page.navigate(address) });

listenToHeatMap();
page.start();
updateFeedStatus({ isUrgent: true });
