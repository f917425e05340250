// What a person finds at one place of the page, and what is wrong with it. Evaluated in the page.
async ({ place, user, where }) => {
  const { now } = await import("/page/world.js");
  const { mrkdwn } = await import("/page/text.js");
  const ROOTS = { modal: "#modal", confirm: "#confirm", log: "#log", home: "#home", thread: "#side .log" };
  const faults = [];
  const root = document.querySelector(ROOTS[place]);
  const parts = place === "log" || place === "thread" ? articles() : [root];
  const inParts = (selector) => parts.flatMap((part) => [...part.querySelectorAll(selector)]);
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true });
  const said = (node) => node.innerText.replace(/\s+/g, " ").trim();

  /** The messages, without those that were looked at before as they are now. */
  function articles() {
    window.looked ??= new Set();
    const keyOf = (node) => `${innerWidth} ${user} ${node.outerHTML}`;
    const found = [...root.querySelectorAll("article, .fresh, .day")].filter((node) => !window.looked.has(keyOf(node)));
    for (const node of found) window.looked.add(keyOf(node));
    return found;
  }

  function colorOf(text) {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  }

  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });

  const grounds = new Map();

  function behind(node) {
    if (!grounds.has(node)) grounds.set(node, layered(node));
    return grounds.get(node);
  }

  function layered(node) {
    const layers = [];
    for (let each = node; each; each = each.parentElement) {
      const color = colorOf(getComputedStyle(each).backgroundColor);
      if (color.a) layers.push(color);
      if (color.a === 1) break;
    }
    const page = colorOf(getComputedStyle(document.body).backgroundColor);
    return layers.reverse().reduce((under, top) => over(top, under), page);
  }

  function brightness({ r, g, b }) {
    const [x, y, z] = [r, g, b].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  }

  /** Every text that a person reads here stands out from what is behind it, as WCAG AA demands. */
  function contrasts() {
    const parents = new Set();
    for (const part of parts) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) if (walker.currentNode.data.trim()) parents.add(walker.currentNode.parentElement);
    }
    for (const node of parents) {
      if (!isShown(node) || node.closest("[disabled], .unseen")) continue;
      const style = getComputedStyle(node);
      const ground = behind(node);
      const [one, other] = [brightness(over(colorOf(style.color), ground)), brightness(ground)];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) faults.push(`hard to read (${ratio.toFixed(1)}): ${said(node).slice(0, 40)}`);
    }
  }

  /** Nothing is wider than its window, and nothing is cut off at its side. */
  function widths() {
    if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is wider than its window");
    if (root.scrollWidth > root.clientWidth + 1) faults.push("it has to be scrolled sideways");
    const edge = root.getBoundingClientRect().right + 1;
    for (const node of inParts("*")) {
      if (!isShown(node) || node.closest("svg, .unseen, .table, pre, [popover]")) continue;
      if (node.getBoundingClientRect().right > edge) faults.push(`sticks out: ${said(node).slice(0, 60)}`);
    }
  }

  /** What is written for a machine, and never meant for a person. */
  const REMAINS = [
    [/<!|<@|<#|&(lt|gt|amp);|\{date|\^\{/, "a remainder of Slack's marks"],
    [/\b(undefined|null|NaN|True|False)\b|(: |[“(=])None\b|\bNone(,|$)/, "a value of a program"],
    [/\{\}|\[\]|\[object/, "an empty value"],
    [/\b[a-z]+_[a-z_]+\b/, "a name of a program"],
    [/(^|\s)[*_~][^\s*_~][^*_~\n]*[*_~](\s|$|[.,:])/, "a raw mark"],
    [/`|:[a-z_]+:/, "a raw mark"],
    [/ [,.;:](\s|$)|\.\.|,,| {2}[^ ]|\(\s*\)|“\s*”/, "odd punctuation"],
    [/\b1 (people|persons|files|environments|slots|requests|days|hours|times|months|infrastructures)\b/, "a wrong plural"],
    [/\bnobody of|\bpersons\b|\(s\)/, "clumsy words"],
  ];

  function words() {
    for (const node of inParts(".unknown")) faults.push(`cannot be shown: ${said(node)}`);
    for (const node of inParts(".mrkdwn, .header, h2, .button, .menu, .error, .hint, .label, li, td, th")) {
      if (!isShown(node)) continue;
      const copy = node.cloneNode(true);
      copy.querySelectorAll("code, pre, svg").forEach((each) => each.replaceWith("…"));
      // What stands in quotes was written by somebody else.
      const text = copy.textContent.replace(/“[^”]+”/g, "“…”");
      for (const [pattern, fault] of REMAINS) {
        const found = pattern.exec(text);
        if (found) faults.push(`${fault} (${found[0].trim()}): ${text.slice(Math.max(0, found.index - 30), found.index + 50)}`);
      }
    }
  }

  function nameOf(node) {
    const by = (node.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id));
    const labelled = by.map((each) => each?.textContent ?? "").join(" ");
    const own = node.labels ? [...node.labels].map((each) => each.textContent).join(" ") : "";
    return (node.getAttribute("aria-label") ?? "") || labelled.trim() || own.trim() || said(node);
  }

  /** Whatever can be used has a name, and can be reached by keyboard. */
  function controls() {
    for (const node of inParts("button, a, input, textarea, select, [role=combobox]")) {
      if (!isShown(node)) continue;
      const name = nameOf(node);
      if (!name) faults.push(`has no name: ${node.outerHTML.slice(0, 80)}`);
      if (node.tabIndex < 0 && !node.disabled) faults.push(`cannot be reached by keyboard: ${name}`);
    }
  }

  const lineOf = (text) => text.split("\n")[0].trim();
  const asRead = (source) => {
    const box = document.createElement("div");
    box.append(...mrkdwn(source));
    return box.textContent;
  };

  /** The text that notifications and screen readers say begins as the message does. */
  function firstSentences(messages) {
    for (const each of messages.filter((one) => one.blocks?.length && one.user === now.screen.app.bot_user)) {
      // Slack takes either blocks or words with an upload, so the message of a file has no text of its own.
      if (!each.text && each.files?.length) continue;
      const node = root.querySelector(`[data-ts="${each.ts}"] .blocks > :first-child`);
      if (!node) continue;
      const [text, shown] = [lineOf(asRead(each.text)), lineOf(node.textContent)];
      if (!text) faults.push(`has no text of its own: ${shown}`);
      else if (!shown.startsWith(text)) faults.push(`text and first block differ: ${text} | ${shown}`);
    }
  }

  const state = () => ({
    views: now.screen.views,
    home: place === "home" ? now.screen.home : null,
    messages: now.screen.place?.messages ?? null,
  });

  const actions = [...root.querySelectorAll("[data-key*='/']")]
    .filter(isShown)
    .map((node) => node.dataset.key.split("/")[1]);
  const messages = place === "log" || place === "thread" ? (state().messages ?? []) : [];
  const drawn = messages.filter((each) => root.querySelector(`[data-ts="${each.ts}"]`));
  if (now.look.user !== user || now.look.place !== where) faults.push("it is another place than was meant");
  words();
  widths();
  contrasts();
  controls();
  firstSentences(drawn);
  return {
    faults: [...new Set(faults)],
    actions,
    callback: place === "modal" ? (now.screen.views.at(-1)?.callback_id ?? "") : "",
    errors: [...root.querySelectorAll(".error")].filter(isShown).map(said),
    deliveries: drawn.map((each) => each.metadata?.event_payload?.delivery).filter(Boolean),
    files: drawn.flatMap((each) => (each.files ?? []).map((file) => file.id)),
    text: root.innerText,
  };
}
