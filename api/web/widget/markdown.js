// The part of Markdown that approved answers use: paragraphs, lists, bold, https links. Whatever else is written
// stays visible as it was written.

import { h } from "./dom.js";

const BULLET = /^\s*[-*•]\s+(.+)$/;
const NUMBER = /^\s*(\d{1,3})(?:[.)]\s+|、\s*)(.+)$/;
const INLINE = /\*\*(\S(?:.*?\S)?)\*\*|\[([^\]\n]+)\]\((https:\/\/[^\s()]+)\)/g;

/** Nodes for a text. */
export function render(text) {
  const blocks = [];
  let open = null; // the paragraph or list that the next line may belong to
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const bullet = BULLET.exec(line);
    const number = bullet ? null : NUMBER.exec(line);
    if (!line.trim()) {
      open = null;
    } else if (bullet || number) {
      const tag = bullet ? "ul" : "ol";
      if (open?.localName !== tag) {
        open = h(tag, { start: number && number[1] !== "1" && number[1] });
        blocks.push(open);
      }
      open.append(h("li", {}, ...inline(bullet ? bullet[1] : number[2])));
    } else if (open?.localName === "p") {
      open.append(h("br"), ...inline(line.trim()));
    } else if (open && /^\s{2,}/.test(line)) {
      open.lastElementChild.append(h("br"), ...inline(line.trim()));
    } else {
      open = h("p", {}, ...inline(line.trim()));
      blocks.push(open);
    }
  }
  return blocks;
}

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(end, match.index), match[1] ? h("strong", {}, ...inline(match[1])) : link(match[2], match[3]));
    end = match.index + match[0].length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}

function link(label, address) {
  if (!URL.canParse?.(address) && !parses(address)) return `[${label}](${address})`;
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, label);
}

function parses(address) {
  try {
    return new URL(address).protocol === "https:";
  } catch {
    return false;
  }
}
