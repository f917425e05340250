// The inspector: everything that crosses the wire between Slack and the app, as it happens.

import { timeWithSeconds } from "./dates.js";
import { h, keyed } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

const MOST = 500;
const KINDS = {
  call: "Web API call",
  envelope: "envelope to the app",
  ack: "ack of the app",
  push: "HTTP to the app",
  response_url: "answer at a response_url",
  upload: "upload",
  download: "download",
};
let records = [];
let panel = null;
const wish = { words: "", kind: "", paused: false };

/** Takes in what crossed; the sandbox numbers everything, so nothing is shown twice. */
export function crossed({ traffic, count }) {
  const first = count - traffic.length;
  const last = records.at(-1)?.number ?? -1;
  if (count <= last) records = [];
  const news = traffic
    .map((record, index) => ({ ...record, number: first + index }))
    .filter((each) => each.number > last || !records.length);
  records = [...records, ...news].slice(-MOST);
  if (!wish.paused) drawRecords();
}

export function closeInspector() {
  panel = null;
}

/** Draws the panel once; its list follows what crosses. */
export function inspector(root) {
  if (panel === root && root.firstChild) return;
  panel = root;
  root.replaceChildren(tools(), h("ol", { class: "crossings", "aria-label": "Traffic, latest first" }));
  drawRecords();
}

function tools() {
  const kinds = [
    h("option", { value: "" }, "everything"),
    ...Object.entries(KINDS).map(([kind, name]) => h("option", { value: kind }, name)),
  ];
  const pause = h(
    "button",
    { type: "button", class: "button", "aria-pressed": String(wish.paused), onclick: () => turnPause(pause) },
    "Pause",
  );
  return h(
    "div",
    { class: "tools-row" },
    h("input", {
      type: "text",
      class: "field",
      "aria-label": "Filter the traffic",
      placeholder: "Filter by method, id or word",
      value: wish.words,
      oninput: (event) => ((wish.words = event.target.value), drawRecords()),
    }),
    h(
      "select",
      {
        class: "field",
        "aria-label": "Kind of traffic",
        onchange: (event) => ((wish.kind = event.target.value), drawRecords()),
      },
      kinds,
    ),
    pause,
    h("button", { type: "button", class: "button", onclick: () => ((records = []), drawRecords()) }, "Clear"),
    h("button", { type: "button", class: "button", onclick: () => copy(chosen()) }, "Copy as JSON"),
  );
}

function turnPause(button) {
  wish.paused = !wish.paused;
  button.setAttribute("aria-pressed", String(wish.paused));
  drawRecords();
}

function chosen() {
  const parts = wish.words.toLowerCase().split(/\s+/).filter(Boolean);
  return records.filter((each) => {
    if (wish.kind && each.kind !== wish.kind) return false;
    const said = JSON.stringify(each).toLowerCase();
    return parts.every((part) => said.includes(part));
  });
}

function drawRecords() {
  if (!panel) return;
  const list = panel.querySelector("ol");
  const shown = chosen().reverse();
  keyed(
    list,
    shown.length ? shown : [{ number: -1 }],
    (each) => each.number,
    (each) =>
      each.number < 0
        ? h("li", { class: "empty" }, "Nothing has crossed the wire yet, or the filter leaves nothing.")
        : row(each),
  );
}

function row(record) {
  const details = h(
    "details",
    { ontoggle: () => details.open && details.childElementCount === 1 && details.append(...inside(record)) },
    h(
      "summary",
      {},
      h("time", {}, timeWithSeconds(record.at)),
      h("span", { class: `kind ${record.kind}` }, record.kind),
      h("strong", {}, label(record)),
      h("span", { class: record.outcome === "ok" ? "good" : "bad" }, record.outcome),
      h("span", { class: "took" }, record.seconds ? `${(record.seconds * 1000).toFixed(1)} ms` : ""),
    ),
  );
  return h("li", {}, details);
}

/** The method, or the kind of payload with what it is about. */
function label({ name, sent, kind }) {
  const about = sent?.command ? `${sent.command} ${sent.text}` : (sent?.event?.type ?? sent?.type ?? "");
  return kind === "call" || !about
    ? name || kind
    : `${name}: ${about} ${sent.actions?.[0]?.action_id ?? sent.view?.callback_id ?? ""}`;
}

function inside(record) {
  return [
    h(
      "p",
      {},
      KINDS[record.kind] ?? record.kind,
      record.connection && `, ${record.connection}`,
      h(
        "button",
        { type: "button", class: "plain", onclick: () => copy(record), "aria-label": "Copy as JSON" },
        icon("copy"),
        "Copy as JSON",
      ),
    ),
    h("h4", {}, "Sent"),
    json(record.sent),
    h("h4", {}, "Answered"),
    json(record.answer),
  ];
}

function json(value) {
  const shown = unpacked(value);
  return h(
    "pre",
    { tabindex: "0" },
    shown === null || shown === undefined ? "nothing" : JSON.stringify(shown, null, 2),
  );
}

/** Arguments of calls often are JSON within a form: they are easier to read as what they say. */
function unpacked(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, parsed(each)]));
}

function parsed(value) {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

async function copy(value) {
  try {
    await navigator.clipboard.writeText(JSON.stringify(value, null, 2));
    toast("Copied.");
  } catch {
    toast("The browser did not let this page copy.");
  }
}
