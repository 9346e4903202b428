"""Articles in and out of the base: as Markdown with front matter, and as one CSV table for spreadsheets."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.errors import KnowledgeRejected
from knowledge.articles import Article, article_to_markdown, parse_article
from knowledge.check import Finding
from knowledge.errors import ArticleInvalid

__all__ = ["FIELDS", "articles_to_csv", "export_articles", "import_articles", "read_articles", "values_of_row", "write_whole"]

FIELDS = tuple(Article.model_fields)
_LISTS = tuple(name for name, field in Article.model_fields.items() if str(field.annotation).startswith("tuple"))
Check = Callable[[Path], Sequence[Finding]]
# With these a cell is taken for a formula (OWASP, CSV injection). What has a mark already gets one more.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_ESCAPED = re.compile(r"^'(?='*[=+\-@\t\r＝＋－＠])")


def export_articles(articles: Iterable[Article], out: Path) -> int:
    """Write a CSV file (`out` ends in .csv) or a folder of CATEGORY/ID.md; how many articles."""
    articles = list(articles)
    if out.suffix == ".csv":
        write_whole(out, articles_to_csv(articles))
    else:
        for article in articles:
            write_whole(out / article.category / f"{article.id}.md", article_to_markdown(article))
    return len(articles)


def read_articles(source: Path) -> list[Article]:
    """Articles of a CSV file, a Markdown file or a folder of them. Raises KnowledgeRejected."""
    try:
        if source.suffix == ".csv":
            return _from_csv(source)
        files = sorted(source.rglob("*.md")) if source.is_dir() else [source]
        articles = [parse_article(file.read_text(encoding="utf-8"), name=file.name) for file in files]
    except (ArticleInvalid, UnicodeDecodeError) as error:
        raise KnowledgeRejected(f"{source}: {error}") from error
    except OSError as error:
        raise KnowledgeRejected(f"{source}: {error.strerror}") from error
    if not articles:
        raise KnowledgeRejected(f"{source}: no .md file is in this folder.")
    return articles


def import_articles(articles: Iterable[Article], root: Path, check: Check) -> list[Finding]:
    """Put articles into the base below `root`, each in place of the one with its id.

    The whole is checked in a copy first: with an error among the findings nothing is written.
    """
    articles = list(articles)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "knowledge"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("models", "__pycache__", "*.py"))
        _place(articles, copy / "base")
        findings = list(check(copy))
    if not any(finding.severity == "error" for finding in findings):
        _place(articles, root / "base")
    return findings


def _place(articles: Iterable[Article], base: Path) -> None:
    for article in articles:
        for earlier in base.glob(f"*/{article.id}.md"):
            if earlier.parent.name != article.category:
                earlier.unlink()
        write_whole(base / article.category / f"{article.id}.md", article_to_markdown(article))


def articles_to_csv(articles: Iterable[Article], changes: Mapping[str, str] | None = None) -> str:
    """A table with a row for each article; with `changes`, article id → what happened to it, these are the first column."""
    table = io.StringIO()
    writer = csv.DictWriter(table, FIELDS if changes is None else ("change", *FIELDS))
    writer.writeheader()
    for article in articles:
        row = article.to_dict()
        cells = {**row, **{name: "\n".join(row[name]) for name in _LISTS}}
        change = {} if changes is None else {"change": changes[article.id]}
        writer.writerow({**change, **{name: cell and _cell(cell) for name, cell in cells.items()}})
    # Spreadsheets take a file for UTF-8 only with this mark.
    return "\ufeff" + table.getvalue()


def _from_csv(source: Path) -> list[Article]:
    with source.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, restkey="(further columns)")
        return [_from_row(row, f"{source.name}, line {reader.line_num}") for row in reader]


def _from_row(row: dict[str, str], name: str) -> Article:
    try:
        return Article(**values_of_row(row))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ArticleInvalid(f"{name}: {wrong}") from error


def values_of_row(row: Mapping[str, str]) -> dict[str, Any]:
    """The fields of an article from the cells of its row; an empty cell is the field's default."""
    cells = {key: _ESCAPED.sub("", value, count=1) if isinstance(value, str) else value for key, value in row.items() if value}
    return {key: tuple(filter(None, value.split("\n"))) if key in _LISTS else value for key, value in cells.items()}


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula; `values_of_row` takes the mark away again."""
    return f"'{text}" if _FORMULA.match(text) else text


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file (text as UTF-8) whole or not at all, so that a reader never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(unfinished, path)
