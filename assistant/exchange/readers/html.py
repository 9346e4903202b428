"""HTML: what a reader of the page sees of it. Nothing is loaded, no script runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

from assistant.exchange.blocks import Block, Heading, Place, Row, Skipped, Table, Text
from assistant.exchange.kinds import decoded

__all__ = ["read"]

_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "nav", "header", "footer", "aside", "form", "svg", "iframe",
                     "object", "button", "select", "title"})
_INLINE = frozenset({"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark",
                     "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"})
_BOLD = frozenset({"b", "strong"})
# A question that folds its answer away, and a term with its definition: below all headings.
_LEVELS = {**{f"h{level}": level for level in range(1, 7)}, "summary": 7, "dt": 7}


def read(content: bytes) -> Iterator[Block]:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded(content))
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    yield from _Page().read(root)


@dataclass(slots=True)
class _Page:
    """Collects words until a block ends; libxml2 allows no deeper nesting than 256."""

    words: list[str] = field(default_factory=list)
    strong: list[bool] = field(default_factory=list)
    line: int = 1

    def read(self, element: etree._Element, mark: str = "") -> Iterator[Block]:
        level = _LEVELS.get(element.tag, 0)
        yield from self._flush()
        self.line = element.sourceline or self.line
        yield from self._within(element, mark)
        yield from self._flush(mark, level)

    def _within(self, element: etree._Element, mark: str) -> Iterator[Block]:
        self._say(element.text, element)
        number = 0
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _UNSEEN or "hidden" in child.attrib:
                pass
            elif child.tag == "br":
                self.words.append("\n")
            elif child.tag == "img":
                yield Skipped("picture", Place("line", child.sourceline or self.line), child.get("alt") or "")
            elif child.tag == "table":
                yield from self._flush(mark)
                yield Table(tuple(self._rows(child)))
            elif child.tag in _INLINE:
                yield from self._within_inline(child, mark)
            elif child.tag == "li":
                number += 1
                yield from self.read(child, f"{number}." if element.tag == "ol" else "-")
            else:
                yield from self._flush(mark)
                yield from self.read(child, mark if child.tag in ("p", "div") else "")
                self.line = child.sourceline or self.line
            self._say(child.tail, element)

    def _within_inline(self, child: etree._Element, mark: str) -> Iterator[Block]:
        link = child.tag == "a" and str(child.get("href", "")).startswith("https://") and "".join(child.itertext()).strip()
        if link:
            self._say(f"[{' '.join(link.split())}]({child.get('href')})", child)
        else:
            yield from self._within(child, mark)

    def _say(self, text: str | None, element: etree._Element) -> None:
        if text and text.strip():
            self.strong.append(element.tag in _BOLD or any(parent.tag in _BOLD for parent in element.iterancestors()))
        if text:
            self.words.append(re.sub(r"\s+", " ", text))

    def _flush(self, mark: str = "", level: int = 0) -> Iterator[Block]:
        lines = [line.strip() for line in "".join(self.words).split("\n")]
        text, bold = "\n".join(filter(None, lines)), bool(self.strong) and all(self.strong)
        self.words, self.strong = [], []
        if text:
            place = Place("line", self.line)
            yield Heading(level, text.replace("\n", " "), place) if level else Text(text, place, bold=bold, mark=mark)

    def _rows(self, table: etree._Element) -> Iterator[Row]:
        for row in table.iter("tr"):
            cells = tuple(" ".join("".join(cell.itertext()).split()) for cell in row if cell.tag in ("td", "th"))
            yield Row(cells, Place("line", row.sourceline or self.line))
