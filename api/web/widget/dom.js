// Building nodes. Data only ever becomes text nodes and attribute values, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `on` holds listeners, `data` data attributes, `true` an empty attribute; null and false leave it out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SHAPES = {
  chat: ["M4.5 5.5h15a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H11l-4.5 3.5v-3.5h-2A1.5 1.5 0 0 1 3 16V7a1.5 1.5 0 0 1 1.5-1.5Z", "M8 10h8M8 13.25h5"],
  close: ["M6 6l12 12M18 6L6 18"],
  send: ["M12 19V5.5", "M6 11l6-6 6 6"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  up: ["M7 10.5v9H4v-9h3Z", "M7 10.5l4-7c1.4 0 2.3 1.1 2.1 2.5L12.6 9h5.2c1.2 0 2 1.1 1.7 2.2l-1.7 6.7c-.3.9-1 1.6-2 1.6H7"],
  down: ["M17 13.5v-9h3v9h-3Z", "M17 13.5l-4 7c-1.4 0-2.3-1.1-2.1-2.5l.5-3H6.2c-1.2 0-2-1.1-1.7-2.2l1.7-6.7c.3-.9 1-1.6 2-1.6H17"],
  clip: ["M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.6a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7"],
  file: ["M6 3.5h8l4.5 4.5v12.5h-12.5z", "M13.5 3.5V8.5h5"],
  flag: ["M5.5 21V4", "M5.5 4.5H18l-2.5 4 2.5 4H5.5"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  chevron: ["M9 6l6 6-6 6"],
  bell: ["M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15L6 16.5Z", "M10 20.5h4"],
  sound: ["M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4Z", "M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"],
  star: ["M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8L12 3.8Z"],
};

/** A line icon; its button or link carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}
