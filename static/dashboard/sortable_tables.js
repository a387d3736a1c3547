/* Tables with `data-sortable` are sorted by a click on a column's head; a second click reverses.

   The order is kept by table and column name, so that it survives a renewal of the page. */

import { all } from "../common/dom.js";

const orders = {}; // by the table's id: { name: the column's, direction: 1 or -1 }

/** Makes the tables on the page sortable and sorts them as before. */
export function enhanceTables() {
  for (const table of all("table[data-sortable]")) {
    for (const [column, head] of all("thead th", table).entries()) {
      if (!head.querySelector("button")) addButton(table, head, column);
    }
    sort(table);
  }
}

function addButton(table, head, column) {
  const button = document.createElement("button");
  button.type = "button";
  button.id = `${table.id}-${column}`;
  button.append(...head.childNodes);
  const name = button.textContent; // the index would not do: columns come and go with the choice
  button.addEventListener("click", () => {
    const order = orders[table.id];
    const direction = order?.name === name ? -order.direction : column ? -1 : 1;
    orders[table.id] = { name, direction };
    sort(table);
  });
  head.append(button);
}

function sort(table) {
  const { name, direction } = orders[table.id] || {};
  const heads = all("thead th", table);
  const column = heads.findIndex((head) => head.textContent === name);
  heads.forEach((head, index) => {
    if (index === column) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  });
  if (column < 0) return;
  const rows = [...table.tBodies[0].rows].map((row) => [sortValue(row.cells[column]), row]);
  rows.sort(([a], [b]) => (a < b ? -direction : a > b ? direction : 0));
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

function sortValue(cell) {
  const data = cell?.querySelector("data"), time = cell?.querySelector("time");
  return data ? Number(data.value) : time ? time.dateTime : -Infinity;
}
