// One message: who wrote it and when, its blocks or text, its files, its thread.

import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { control } from "./control.js";
import { moment, time } from "./dates.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { mrkdwn } from "./text.js";
import { toast } from "./toast.js";
import { initialOf } from "./values.js";
import { go, now, person } from "./world.js";

const PICTURES = ["png", "jpg", "jpeg", "gif"];

/** A message as an element; `compact` when the one above is of the same person, `threaded` inside a thread. */
export function message({ shown, compact, threaded }) {
  const who = person(shown.user);
  const node = h(
    "article",
    {
      class: ["message", shown.ephemeral && "ephemeral", compact && "compact"].filter(Boolean).join(" "),
      "data-ts": shown.ts,
      "aria-label": `${who.real_name}, ${time(shown.ts)}`,
    },
    h("div", { class: "margin" }, compact ? h("time", { class: "stamp" }, time(shown.ts)) : avatar(who)),
    h(
      "div",
      { class: "content" },
      shown.ephemeral && h("p", { class: "whisper" }, icon("eye"), "Only visible to you"),
      !compact && byline(who, shown),
      body(shown),
      files(shown),
      !threaded && thread(shown),
    ),
    !shown.ephemeral && !threaded && tools(shown),
  );
  return node;
}

function byline(who, shown) {
  return h(
    "p",
    { class: "byline" },
    h("strong", {}, who.real_name),
    who.bot && h("span", { class: "badge" }, "APP"),
    h("time", { class: "stamp", title: moment(shown.ts) }, time(shown.ts)),
  );
}

function body(shown) {
  const edited = shown.edited && h("small", { class: "edited" }, " (edited)");
  if (!shown.blocks?.length) return h("div", { class: "mrkdwn" }, ...mrkdwn(shown.text), edited);
  return h("div", { class: "blocks" }, ...blocks(shown.blocks, site(shown)), edited);
}

/** Where the elements of a message stand: what is chosen goes to the app, with the blocks as they were seen. */
function site(shown) {
  return {
    value: (_block, element) => initialOf(element),
    files: () => [],
    change: () => undefined,
    suggest: async (block, element, value) =>
      (await tell("suggest", shown, { action_id: element.action_id, block_id: block.block_id, value }))
        ?.options ?? [],
    act: (block, element, value) =>
      click(shown, { action_id: element.action_id, block_id: block.block_id, value }),
  };
}

function click(shown, target) {
  return tell("click", shown, { blocks: shown.blocks, ...target });
}

async function tell(verb, shown, target) {
  try {
    return await control(verb, { user: now.screen.viewer, channel: shown.channel, ts: shown.ts, ...target });
  } catch (refused) {
    toast(refused.message);
    return null;
  }
}

function files(shown) {
  return shown.files?.length && h("div", { class: "files" }, shown.files.map(file));
}

function file(given) {
  const address = `/page/files/${encodeURIComponent(given.id)}?user=${encodeURIComponent(now.screen.viewer)}`;
  const card = h(
    "div",
    { class: "file" },
    icon("file"),
    h(
      "span",
      { class: "words" },
      h("strong", {}, given.title || given.name),
      h("small", {}, `${given.name} · ${size(given.size)}`),
    ),
    h(
      "a",
      {
        class: "button square",
        href: address,
        download: given.name,
        "aria-label": `Download ${given.name}`,
        title: "Download",
      },
      icon("download"),
    ),
  );
  return PICTURES.includes(given.filetype)
    ? [card, h("img", { class: "preview", src: address, alt: given.title || given.name })]
    : card;
}

/** A number of bytes in words. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function thread(shown) {
  if (!shown.replies) return null;
  const count = `${shown.replies} ${shown.replies === 1 ? "reply" : "replies"}`;
  return h(
    "button",
    { type: "button", class: "replies", onclick: () => go({ thread: shown.ts }) },
    icon("thread"),
    h("strong", {}, count),
    h("small", {}, `last at ${time(shown.lastReply)}`),
  );
}

function tools(shown) {
  return h(
    "div",
    { class: "tools" },
    h(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-label": "Reply in thread",
        title: "Reply in thread",
        onclick: () => go({ thread: shown.ts }),
      },
      icon("thread"),
    ),
  );
}
