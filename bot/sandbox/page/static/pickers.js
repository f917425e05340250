// Dates and times, with the browser's own fields.

import { fromWallClock, wallClock } from "./dates.js";
import { h } from "./dom.js";

const KINDS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

/** A field for a date, a time or both; both together are told as seconds since 1970. */
export function picker({ given, value, label, key }, onpick) {
  const both = given.type === "datetimepicker";
  const shown = both && value ? wallClock(Number(value)) : value;
  return h("input", {
    type: KINDS[given.type],
    class: "field short",
    "aria-labelledby": label || null,
    value: shown ?? "",
    "data-key": key,
    onchange: ({ target }) =>
      onpick(both && target.value ? String(fromWallClock(target.value)) : target.value || null),
  });
}
