// A short sentence about something that could not be done; it goes by itself, or with a click.

const SECONDS = 8;
let timer;

export function toast(sentence) {
  const node = document.getElementById("toast");
  node.textContent = sentence;
  node.hidden = false;
  node.onclick = () => (node.hidden = true);
  clearTimeout(timer);
  timer = setTimeout(() => (node.hidden = true), SECONDS * 1000);
}
