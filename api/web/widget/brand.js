// The firm's own colour, mended until it can be read.

const WHITE = "#FFFFFF";
const TEXT = 4.5;

/** Custom properties for a brand colour on a paper and a mist, or null when it is no colour. */
export function brandTokens(colour, { ink, paper, mist }) {
  const given = parse(colour);
  if (!given) return null;
  const onBrand = [WHITE, dark(ink, paper)].find((text) => contrast(colour, text) >= TEXT) ?? WHITE;
  const brand = mend(given, [parse(onBrand)]);
  const brandInk = mend(given, [parse(paper), parse(mist)]);
  return { "--zk-brand": hex(brand), "--zk-on-brand": onBrand, "--zk-brand-ink": hex(brandInk) };
}

/** WCAG contrast of two colours, 1 to 21. */
export function contrast(one, other) {
  return ratio(parse(one), parse(other));
}

// Of ink and paper the darker one: text on a light brand is dark in both schemes.
function dark(ink, paper) {
  return luminance(parse(ink)) < luminance(parse(paper)) ? ink : paper;
}

// Step by step away from the backgrounds: towards black on light ones, towards white on dark ones.
function mend(colour, backgrounds) {
  const target = luminance(backgrounds[0]) > 0.18 ? 0 : 255;
  let mended = colour;
  for (let step = 0; step < 50 && backgrounds.some((background) => ratio(mended, background) < TEXT); step += 1) {
    mended = mended.map((part) => Math.round(part + (target - part) * 0.06 + Math.sign(target - part)));
    mended = mended.map((part) => Math.max(0, Math.min(255, part)));
  }
  return mended;
}

function ratio(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parse(colour) {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(String(colour ?? "").trim());
  if (!match) return null;
  const digits = match[1].length === 3 ? match[1].replace(/./g, "$&$&") : match[1];
  return [0, 2, 4].map((start) => Number.parseInt(digits.slice(start, start + 2), 16));
}

function hex(colour) {
  return `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`.toUpperCase();
}
