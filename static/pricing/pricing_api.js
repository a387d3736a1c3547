/* Calls of the REST API for the hotel on the page. The page holds the addresses.

   All throw as `callApi` does: an error's `fields` says what is wrong, field by field. */

import { byId } from "../common/dom.js";
import { callApi } from "../common/server_requests.js";

const page = () => byId("pricing").dataset;

/** Decides about the prices of nights, or sets rules for them. */
export const postDecision = (decision) => callApi("POST", page().decisions, { hotel_id: Number(page().hotel), ...decision });

/** Returns what a decision would touch. */
export const previewDecision = (decision) => callApi("POST", page().decisionsPreview, { hotel_id: Number(page().hotel), ...decision });

/** Undoes the hotel's newest act, whose number it is. */
export const undoStep = (step) => callApi("POST", page().undo, { hotel_id: Number(page().hotel), step });

/** Writes a note about nights; an empty text removes it. */
export const postNote = (nights, text) => callApi("POST", page().notes, { hotel_id: Number(page().hotel), nights, text });

/** Saves fields of the hotel's profile, as the dashboard keeps it. */
export const saveProfile = (profile) => callApi("PATCH", page().profile, profile);

export const saveRules = (rules) => callApi("PATCH", page().rules, rules);

/** Returns, for each night, the recommended price and what it would be with these rules. */
export const previewRules = (rules) => callApi("POST", page().preview, rules);

/** Returns rules derived from the hotel's own history. */
export const fetchProposal = () => callApi("GET", page().proposal);

/** Has all present prices sent to the hotel's booking system; returns how many nights they are. */
export const postSendAll = (address) => callApi("POST", address);
