// Gives true once the page shows what its Slack holds at this moment. Evaluated in the page.
async ({ user, where, tab }) => {
  const { now } = await import("/page/world.js");
  const given = { method: "POST", body: JSON.stringify({ user, place: where }) };
  const { views, home, place } = await (await fetch("/sandbox/see", given)).json();
  const { look, screen } = now;
  if (!screen || screen.viewer !== user || screen.looked !== where || look.tab !== tab) return false;
  const asked = JSON.stringify([views, tab === "home" ? home : null, place?.messages]);
  const shown = JSON.stringify([screen.views, tab === "home" ? screen.home : null, screen.place?.messages]);
  return asked === shown && !document.querySelector(".busy");
}
