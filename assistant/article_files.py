"""Articles in and out of the base: as Markdown with front matter, and as one CSV table for spreadsheets."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from assistant.errors import KnowledgeRejected
from knowledge.articles import Article, article_to_markdown, parse_article
from knowledge.check import Finding
from knowledge.errors import ArticleInvalid

__all__ = ["export_articles", "import_articles", "read_articles"]

_FIELDS = tuple(Article.model_fields)
_LISTS = tuple(name for name, field in Article.model_fields.items() if str(field.annotation).startswith("tuple"))
Check = Callable[[Path], Sequence[Finding]]


def export_articles(articles: Iterable[Article], out: Path) -> int:
    """Write a CSV file (`out` ends in .csv) or a folder of CATEGORY/ID.md; how many articles."""
    articles = list(articles)
    if out.suffix == ".csv":
        _write(out, _to_csv(articles))
    else:
        for article in articles:
            _write(out / article.category / f"{article.id}.md", article_to_markdown(article))
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
        _write(base / article.category / f"{article.id}.md", article_to_markdown(article))


def _to_csv(articles: Iterable[Article]) -> str:
    table = io.StringIO()
    writer = csv.DictWriter(table, _FIELDS)
    writer.writeheader()
    for article in articles:
        row = article.to_dict()
        writer.writerow({**row, **{name: "\n".join(row[name]) for name in _LISTS}})
    # Spreadsheets take a file for UTF-8 only with this mark.
    return "\ufeff" + table.getvalue()


def _from_csv(source: Path) -> list[Article]:
    with source.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, restkey="(further columns)")
        return [_from_row(row, f"{source.name}, line {reader.line_num}") for row in reader]


def _from_row(row: dict[str, str], name: str) -> Article:
    filled = {key: value for key, value in row.items() if value}
    values = {key: tuple(filter(None, value.splitlines())) if key in _LISTS else value for key, value in filled.items()}
    try:
        return Article(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ArticleInvalid(f"{name}: {wrong}") from error


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="")
    os.replace(unfinished, path)
