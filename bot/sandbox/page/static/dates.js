// Moments as an English client with a 24-hour clock shows them, in the zone of the person who looks.

import { seconds, viewer } from "./world.js";

function parts(at, options) {
  const { tz } = viewer();
  return new Intl.DateTimeFormat("en-GB", { timeZone: tz || "UTC", ...options }).format(new Date(at * 1000));
}

function day(at) {
  const { tz } = viewer();
  return new Intl.DateTimeFormat("en-CA", { timeZone: tz || "UTC" }).format(new Date(at * 1000));
}

export const time = (at) => parts(at, { hour: "2-digit", minute: "2-digit" });
export const timeWithSeconds = (at) => parts(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const date = (at) => parts(at, { day: "numeric", month: "long", year: "numeric" });
const shortDate = (at) => parts(at, { day: "numeric", month: "short", year: "numeric" });
const longDate = (at) => parts(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const DAY = 86400;

function pretty(at, otherwise) {
  const names = [
    ["yesterday", -DAY],
    ["today", 0],
    ["tomorrow", DAY],
  ];
  const found = names.find(([, offset]) => day(at) === day(seconds() + offset));
  return found ? found[0] : otherwise(at);
}

function ago(at) {
  const format = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
  const passed = at - seconds();
  const units = [
    ["day", DAY],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ];
  const [unit, length] = units.find(([, size]) => Math.abs(passed) >= size) ?? units[3];
  return format.format(Math.round(passed / length), unit);
}

const TOKENS = {
  date_num: day,
  date,
  date_short: shortDate,
  date_long: longDate,
  date_pretty: (at) => pretty(at, date),
  date_short_pretty: (at) => pretty(at, shortDate),
  date_long_pretty: (at) => pretty(at, longDate),
  time,
  time_secs: timeWithSeconds,
  ago,
};

/** Slack's date tokens filled in, for example `{date_short_pretty} at {time}`; an unknown token stays. */
export function filled(at, form) {
  return form.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(at) ?? whole);
}

/** The name of the day that a message stands under. */
export function dayName(at) {
  const name = pretty(at, (other) => parts(other, { weekday: "long", day: "numeric", month: "long" }));
  return name[0].toUpperCase() + name.slice(1);
}

/** What a person sees when they point at the time of a message. */
export function moment(at) {
  return `${longDate(at)}, ${timeWithSeconds(at)}`;
}

export const isSameDay = (one, other) => day(one) === day(other);

/** Seconds since 1970 for a wall clock time such as `2026-12-02T10:15` in the viewer's zone. */
export function fromWallClock(text) {
  const asUtc = Date.parse(`${text}Z`) / 1000;
  const offset = (at) => Date.parse(`${wallClock(at)}Z`) / 1000 - at;
  // A second look settles the hours around a change of the clock.
  return asUtc - offset(asUtc - offset(asUtc));
}

/** The wall clock time in the viewer's zone, as a date field of the browser takes it. */
export function wallClock(at) {
  return `${day(at)}T${time(Math.floor(at / 60) * 60)}`;
}
