"""Blocks into questions and answers, with all that was not taken and why. Pure.

A question is what a mark (问：, Q:) or a column says is one; a heading with text right below it; and a line that asks, in bold,
numbered or on its own. What a mark opened, only a mark, a heading or a table ends, so that questions within an answer stay there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.errors import FileTooLarge
from assistant.exchange.blocks import Block, Heading, NotTaken, Pair, Place, Row, Skipped, Split, Table, Text, Whole
from assistant.exchange.limits import MAX_BLOCKS, MAX_CHARACTERS, MAX_PAIRS
from assistant.exchange.marks import ANSWER, CATEGORY, INLINE_ANSWER, LABELS, QUESTION, SIMILAR, is_contents, is_question, unnumbered

__all__ = ["split"]

_SHOWN = 80
_HEADER_ROWS = 5
_WHOLE = {"id", "question", "body"}
_LIKELY = 0.6


@dataclass(slots=True)
class _Open:
    """A question that waits for its answer. `level` is its heading's, 0 where it was a line."""

    place: Place
    question: str
    marked: bool = False
    level: int = 0
    similar: list[str] = field(default_factory=list)
    category: str = ""
    answer: list[Text] = field(default_factory=list)


def split(blocks: Iterable[Block]) -> Split:
    """Raises FileTooLarge."""
    splitter = _Splitter()
    count = characters = 0
    for block in blocks:
        count += len(block.rows) if isinstance(block, Table) else 1
        characters += _length(block)
        if count > MAX_BLOCKS or characters > MAX_CHARACTERS or len(splitter.pairs) > MAX_PAIRS:
            raise FileTooLarge(f"The file holds more than {MAX_PAIRS} questions, {MAX_BLOCKS} paragraphs or rows, or "
                               f"{MAX_CHARACTERS // 1_000_000} million characters. Split it.")
        splitter.take(block)
    splitter.close()
    return Split(tuple(splitter.pairs), tuple(splitter.not_taken))


def _length(block: Block) -> int:
    if isinstance(block, Table):
        return sum(len(cell) for row in block.rows for cell in row.cells)
    return len(str(block.values)) if isinstance(block, Whole) else len(block.text)


class _Splitter:
    def __init__(self) -> None:
        self.pairs: list[Pair] = []
        self.not_taken: list[NotTaken] = []
        self._open: _Open | None = None
        self._skipped: Skipped | None = None

    def take(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Text):
            self._text(block)
        elif isinstance(block, Skipped):
            self._skip(block)
        else:
            self.close()
            if isinstance(block, Whole):
                self.pairs.append(Pair(block.place, values=block.values))
            else:
                self._table(block)

    def close(self) -> None:
        """End the question that is open."""
        pair, self._open = self._open, None
        if pair is None:
            return
        answer = _worded(pair.answer)
        if answer:
            self.pairs.append(Pair(pair.place, pair.question, answer, tuple(dict.fromkeys(pair.similar)), pair.category))
        elif not pair.level or is_question(pair.question):
            self._leave("no_answer", pair.place, pair.question)

    def _leave(self, reason: str, place: Place, text: str) -> None:
        self.not_taken.append(NotTaken(place, reason, " ".join(text.split())[:_SHOWN]))

    def _skip(self, block: Skipped) -> None:
        # One entry for what comes in a row, such as a table of contents.
        if block.reason == "contents" and self._skipped is not None and self._skipped.reason == "contents":
            return
        self._skipped = block
        self._leave(block.reason, block.place, block.text)

    def _heading(self, block: Heading) -> None:
        self._skipped = None
        if is_contents(block.text):
            self._skip(Skipped("contents", block.place, block.text))
            return
        self._end_section(below=block.level)
        self.close()
        marked = QUESTION.fullmatch(block.text)
        question = marked[1] if marked else block.text
        self._open = _Open(block.place, unnumbered(question), level=block.level)

    def _end_section(self, below: int | None = None) -> None:
        """The heading that is open turns out to stand over questions, and so is none itself."""
        if self._open and self._open.level and (below is None or below > self._open.level) and not (
                self._open.answer and is_question(self._open.question)):
            section, self._open = self._open, None
            if section.answer:
                self._leave("no_question", section.answer[0].place, _worded(section.answer))
            elif is_question(section.question):
                self._leave("no_answer", section.place, section.question)

    def _text(self, block: Text) -> None:
        if is_contents(block.text):
            self._skip(Skipped("contents", block.place, block.text))
            return
        self._skipped = None
        marked = QUESTION.fullmatch(block.text)
        if marked:
            self._begin(block, marked[1], marked=True)
        elif self._open and (answer := ANSWER.fullmatch(block.text)):
            if answer[1].strip():
                self._open.answer.append(Text(answer[1].strip(), block.place))
            self._open.marked = True
        elif self._open and (similar := SIMILAR.fullmatch(block.text)):
            self._open.similar += _several(similar[1])
        elif self._open and (category := CATEGORY.fullmatch(block.text)):
            self._open.category = category[1].strip()
        elif self._asks(block):
            self._begin(block, unnumbered(block.text), marked=False)
        elif self._open:
            self._open.answer.append(block)
        else:
            self._leave("no_question", block.place, block.text)

    def _asks(self, block: Text) -> bool:
        if self._open and (self._open.marked or (self._open.level and is_question(self._open.question))):
            return False
        numbered = unnumbered(block.text) != block.text.strip() or block.mark[:1].isdigit()
        return is_question(block.text, strict=not (block.bold or numbered))

    def _begin(self, block: Text, question: str, *, marked: bool) -> None:
        self._end_section()
        self.close()
        found = INLINE_ANSWER.search(question) if marked else None
        words = question[:found.start() + 1] if found else question
        self._open = _Open(block.place, " ".join(words.split()).strip("*_ "), marked=marked)
        if found and question[found.end():].strip():
            self._open.answer.append(Text(question[found.end():].strip(), block.place))

    def _table(self, table: Table) -> None:
        for number, row in enumerate(table.rows[:_HEADER_ROWS]):
            names = [cell.strip().strip("*") for cell in row.cells]
            if set(names) >= _WHOLE:
                self._whole_rows(names, table.rows[number + 1:])
                return
            columns = _columns(names)
            if {"question", "answer"} <= columns.keys():
                for above in table.rows[:number]:
                    self._leave("no_question", above.place, " ".join(above.cells))
                self._rows(columns, table.rows[number + 1:])
                return
        if _is_bare(table):
            self._rows({"question": 0, "answer": 1}, table.rows)
        elif table.rows:
            first = table.rows[0]
            self._leave("table", first.place, " ".join(first.cells))

    def _rows(self, columns: Mapping[str, int], rows: Iterable[Row]) -> None:
        category = ""
        for row in rows:
            cells = {name: row.cells[column].strip() if column < len(row.cells) else "" for name, column in columns.items()}
            # Cells that were joined over several rows are empty after the first.
            category = cells.get("category") or category
            question, answer = unnumbered(" ".join(cells["question"].split())), cells["answer"]
            last = self.pairs[-1] if self.pairs else None
            if not question and not answer:
                continue
            if last and question == last.question and last.place.part == row.place.part and answer and row.place != last.place:
                if answer != last.answer:
                    self.pairs[-1] = Pair(last.place, last.question, f"{last.answer}\n\n{answer}", last.similar, last.category)
            elif question and answer:
                self.pairs.append(Pair(row.place, question, answer, tuple(_several(cells.get("similar", ""))), category))
            else:
                self._leave("no_answer" if question else "no_question", row.place, question or answer)

    def _whole_rows(self, names: list[str], rows: Iterable[Row]) -> None:
        for row in rows:
            values = dict(zip(names, row.cells, strict=False))
            if values.pop("change", "") == "removed":
                self._leave("removed", row.place, values.get("id", ""))
            elif len(row.cells) > len(names) and any(row.cells[len(names):]):
                self._leave("article_invalid", row.place, "more cells than columns")
            else:
                self.pairs.append(Pair(row.place, values={"row": values}))


def _worded(answer: Iterable[Text]) -> str:
    """Paragraphs with a line between, items of a list without."""
    words, was_item = "", False
    for block in answer:
        text = block.text if not block.bold else f"**{block.text}**"
        item = f"{block.mark} {text}" if block.mark else text
        words += ("\n" if was_item and block.mark else "\n\n" if words else "") + item
        was_item = bool(block.mark)
    return words.strip()


def _several(text: str) -> list[str]:
    parts = (unnumbered(part) for part in re.split(r"[\n;；|｜]+", text))
    return [part for part in parts if len(part) >= 2]


def _columns(names: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, name in enumerate(names):
        for label, pattern in LABELS.items():
            if pattern.fullmatch(name):
                columns.setdefault(label, column)
    return columns


def _is_bare(table: Table) -> bool:
    """Whether a table of two columns without a header has questions in the first."""
    rows = [row for row in table.rows if any(row.cells)]
    asking = sum(is_question(row.cells[0]) for row in rows if row.cells)
    return bool(rows) and all(len(row.cells) == 2 for row in rows) and asking >= _LIKELY * len(rows)
