// What stands in an element of Block Kit, as one word, a list of words, or null.

/** The value in an entry of `view.state`, for example of `{type, selected_option: {value}}`. */
export function valueOf(entry) {
  const member = Object.keys(entry).find((each) => each !== "type");
  const held = member === undefined ? null : entry[member];
  return Array.isArray(held) ? held.map(word) : held === null || held === undefined ? null : word(held);
}

function word(held) {
  return typeof held === "object" ? (held.value ?? held.id) : String(held);
}

/** The value that the app filled in at first. */
export function initialOf(element) {
  const member = Object.keys(element).find((each) => each.startsWith("initial_"));
  return member ? valueOf({ held: element[member] }) : null;
}

/** A value as a list. */
export function asList(value) {
  return Array.isArray(value) ? value : value === null || value === undefined || value === "" ? [] : [value];
}

/** All options of an element, those of its groups with the name of the group. */
export function optionsOf(element) {
  const grouped = (element.option_groups ?? []).flatMap((group) =>
    group.options.map((option) => ({ ...option, group: group.label.text })),
  );
  return [...(element.options ?? []), ...grouped];
}
