"""Markdown (CommonMark, with tables), and articles with front matter as Zhike exports them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.errors import FileUnsafe
from assistant.exchange.blocks import Block, Heading, Place, Row, Skipped, Table, Text, Whole
from assistant.exchange.kinds import decoded
from knowledge.articles import parse_article
from knowledge.errors import ArticleInvalid

__all__ = ["read"]

_BOLD = re.compile(r"(\*\*|__)(.+?)\1[:：]?")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")


def read(content: bytes) -> Iterator[Block]:
    text = decoded(content)
    if text.startswith("---\n"):
        place = Place("line", 1)
        if _has_aliases(text):
            raise FileUnsafe("The front matter refers to parts of itself, with which a short text may stand for one without end.")
        try:
            yield Whole(parse_article(text, name="the file").to_dict(), place)
        except ArticleInvalid as error:
            yield Skipped("article_invalid", place, str(error))
        return
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    yield from _blocks(tokens)


def _has_aliases(text: str) -> bool:
    header = re.split(r"^---\n", text, maxsplit=2, flags=re.MULTILINE)[1]
    try:
        return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(header, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return False


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    marks: list[str] = []
    rows: list[Row] = []
    kind, level, line = "", 0, 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        if token.type == "list_item_open":
            marks.append(f"{token.info}." if token.info else "-")
        elif token.type == "list_item_close":
            marks.pop()
        elif token.type in ("heading_open", "paragraph_open"):
            kind, level = token.type, int(token.tag[1:]) if token.tag != "p" else 0
        elif token.type == "tr_open":
            rows.append(Row((), Place("line", line)))
        elif token.type == "table_close":
            yield Table(tuple(rows))
            rows = []
        elif token.type == "inline" and rows:
            rows[-1] = Row((*rows[-1].cells, token.content.strip()), rows[-1].place)
        elif token.type == "inline":
            yield from _inline(token.content, Place("line", line), level if kind == "heading_open" else 0, marks)
        elif token.type in ("fence", "code_block"):
            yield Text(token.content.strip(), Place("line", line))
        elif token.type == "html_block":
            yield Skipped("markup", Place("line", line), token.content)


def _inline(content: str, place: Place, level: int, marks: list[str]) -> Iterator[Block]:
    text = _PICTURE.sub("", content).strip()
    if text != content.strip():
        yield Skipped("picture", place, content)
    if not text:
        return
    if level:
        yield Heading(level, text.strip("*_ "), place)
        return
    mark = marks[-1] if marks else ""
    # A question in bold is often followed by its answer without an empty line between.
    first, _, rest = text.partition("\n")
    if (bold := _BOLD.fullmatch(first.strip())) and rest.strip():
        yield Text(bold[2], place, bold=True, mark=mark)
        yield Text(rest.strip(), Place("line", place.number + 1))
    else:
        whole = _BOLD.fullmatch(text)
        yield Text(whole[2] if whole else text, place, bold=bool(whole), mark=mark)
    if marks:
        # Further paragraphs of the item have no mark of their own.
        marks[-1] = ""
