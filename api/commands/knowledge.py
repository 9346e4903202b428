"""`zhike kb`: knowledge in, out, checked and made live."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.loading import opened

if TYPE_CHECKING:
    from assistant.settings import Settings
    from knowledge.check import Finding

__all__ = ["app"]

app = typer.Typer(help="The knowledge base 知识库: check, export, import, publish.", no_args_is_help=True)


@app.command("check")
def check_base() -> None:
    """Validate all knowledge 校验 and say file and line of what must be mended. Exit code 1 with errors."""
    if _report(_check(_root(_settings()))):
        raise typer.Exit(1)


@app.command("export")
def export(out: Annotated[Path, typer.Option(help="A file that ends in .csv, or a folder for Markdown.")]) -> None:
    """Write all articles 导出 as Markdown with front matter, or as one CSV table."""
    from assistant.article_files import export_articles
    from assistant.bootstrap import load_knowledge

    count = export_articles(load_knowledge(_settings()).articles.values(), out)
    print(f"{count} articles written to {out}")


@app.command("import")
def import_(source: Annotated[Path, typer.Argument(help="A CSV table, a Markdown file, or a folder of them.")]) -> None:
    """Take articles into the base 导入, each in place of the one with its id.

    The whole is checked first: with errors nothing is written.
    """
    from assistant.article_files import import_articles, read_articles

    articles = read_articles(source)
    if _report(import_articles(articles, _root(_settings()), _check)):
        print("Nothing was imported.")
        raise typer.Exit(1)
    print(f"{len(articles)} articles imported; make them live with: zhike kb publish")


@app.command("publish")
def publish() -> None:
    """Make the knowledge in the files live 发布: check it, store its revisions, build the index, print the version."""
    from assistant.errors import KnowledgeRejected

    settings = _settings()
    if errors := _report(_check(_root(settings)), only_errors=True):
        raise KnowledgeRejected(f"{errors} errors must be mended before this can be published.")
    with opened(settings) as application:
        print(f"knowledge version {application.knowledge_version}")


def _settings() -> Settings:
    from assistant.settings import load_settings

    return load_settings()


def _root(settings: Settings) -> Path:
    import knowledge

    return settings.knowledge or Path(next(iter(knowledge.__path__)))


def _check(root: Path) -> list[Finding]:
    from knowledge.check import check

    return check(root)


def _report(findings: Iterable[Finding], *, only_errors: bool = False) -> int:
    """Print findings; how many are errors."""
    from rich.console import Console

    console: Any = Console(highlight=False, markup=False, soft_wrap=True)
    counts = {"error": 0, "warning": 0}
    for finding in findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
        if finding.severity == "error" or not only_errors:
            style = "red" if finding.severity == "error" else "yellow"
            console.print(f"{finding.path}:{finding.line}: {finding.severity}: {finding.message}", style=style)
    console.print(f"{counts['error']} errors, {counts['warning']} warnings")
    return counts["error"]
