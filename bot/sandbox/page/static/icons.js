// The few signs of the page, as strokes on a square of 20 units. Each is hidden from screen readers: words say it.

const STROKES = {
  back: "M12 4 6 10l6 6",
  close: "m5 5 10 10M15 5 5 15",
  cloud: "M6 15h8a3.2 3.2 0 0 0 .4-6.4A4.6 4.6 0 0 0 5.7 9 3 3 0 0 0 6 15Z",
  copy: "M7 7V4h9v9h-3M4 7h9v9H4z",
  dots: "M4 10h1M9.5 10h1M15 10h1",
  down: "m5 8 5 5 5-5",
  download: "M10 3v9m-4-4 4 4 4-4M4 16h12",
  eye: "M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5Zm7.5-2a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  file: "M5 3h6l4 4v10H5zM11 3v4h4",
  hash: "M4 7.5h13M3 12.5h13M8.5 3 6.5 17M13.5 3l-2 14",
  lock: "M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3",
  pulse: "M2 10h4l2-5 4 10 2-5h4",
  plus: "M10 4v12M4 10h12",
  send: "M3 4l14 6-14 6 2-6zM5 10h7",
  theme: "M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14",
  thread: "M4 4h12v9H9l-3 3v-3H4z",
  trash: "M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11",
  warning: "M10 3 2.5 16.5h15zM10 8v4M10 14.4v.1",
};
const SVG = "http://www.w3.org/2000/svg";

/** A sign by name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", STROKES[name]);
  svg.append(path);
  return svg;
}
