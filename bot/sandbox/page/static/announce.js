// Says new messages to screen readers: who, and the top-level text, as Slack does.

import { mrkdwn } from "./text.js";
import { person } from "./world.js";

export function announce(shown) {
  const said = mrkdwn(shown.text)
    .map((each) => (typeof each === "string" ? each : each.textContent))
    .join("");
  document.getElementById("announcer").textContent = `${person(shown.user).real_name}: ${said}`;
}
