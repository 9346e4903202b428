"""`zhike kb`: knowledge in, out, checked and made live."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.loading import opened, opened_store, who_types

if TYPE_CHECKING:
    from assistant.exchange.blocks import Place
    from assistant.settings import Settings
    from assistant.storage import Store
    from knowledge.check import Finding

__all__ = ["app"]

app = typer.Typer(help="The knowledge base 知识库: check, export, import, publish.", no_args_is_help=True)


@app.command("check")
def check_base() -> None:
    """Validate all knowledge 校验 and say file and line of what must be mended. Exit code 1 with errors."""
    if _report(_check(_root(_settings()))):
        raise typer.Exit(1)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="A file that ends in .csv or .zip, or a folder for Markdown.")],
    version: Annotated[int | None, typer.Option(min=1, help="Number of a knowledge version; the one that is live without.")] = None,
    since: Annotated[int | None, typer.Option(min=1, help="Only what differs from this earlier version.")] = None,
) -> None:
    """Write articles 导出 as Markdown with front matter, or as one CSV table."""
    from assistant.article_files import export_articles, write_whole
    from assistant.bootstrap import load_knowledge
    from assistant.exchange.export import Export, Format

    with opened_store() as store:
        if version is None and since is None and not _was_published(store):
            # Nothing was ever published here: the files are all there is.
            print(f"{export_articles(load_knowledge(_settings()).articles.values(), out)} articles written to {out}")
            return
        form = Format.CSV if out.suffix == ".csv" else Format.MARKDOWN
        made = Export(store).export(who_types(), form, version=version, since=since)
    if out.suffix in (".csv", ".zip"):
        write_whole(out, made.content)
    else:
        export_articles(made.articles, out)
    removed = f", {len(made.changes.removed)} were removed since {since}" if made.changes else ""
    print(f"{len(made.articles)} articles of knowledge version {made.version} written to {out}{removed}")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A CSV table, a Markdown file or a folder of them; or a file of any kind for drafts.")],
    drafts: Annotated[bool, typer.Option("--drafts", help="Make drafts at the desk, which somebody reviews; always so for "
                                                          ".docx .xlsx .pdf .html .zip.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what drafts there would be.")] = False,
) -> None:
    """Take articles into the base 导入, each in place of the one with its id; or questions and answers of any file as drafts.

    The whole is checked first: with errors nothing is written.
    """
    from assistant.article_files import import_articles, read_articles

    if drafts or preview or source.suffix.lower() not in ("", ".csv", ".md"):
        _import_drafts(source, accept=not preview)
        return
    articles = read_articles(source)
    if _report(import_articles(articles, _root(_settings()), _check)):
        print("Nothing was imported.")
        raise typer.Exit(1)
    print(f"{len(articles)} articles imported; make them live with: zhike kb publish")


def _import_drafts(source: Path, *, accept: bool) -> None:
    from assistant.errors import KnowledgeRejected
    from assistant.exchange.reasons import REASONS

    try:
        content = source.read_bytes()
    except OSError as error:
        raise KnowledgeRejected(f"{source}: {error.strerror}") from error
    with opened(_settings()) as application:
        found = application.imports.read(source.name, content, who_types())
        for proposal in found.proposals.values():
            remarks = [*proposal.warnings, *(f"personal data: {kind}" for kind in proposal.personal)]
            print(f"{_place(proposal.place)}: {'changes' if proposal.replaces else 'new'} {proposal.draft.id}: {proposal.draft.question}"
                  + (f" ({', '.join(remarks)})" if remarks else ""))
        for item in found.not_taken:
            print(f"{_place(item.place)}: not taken: {REASONS[item.reason][1]}: {item.text}")
        print(f"{len(found.proposals)} drafts found, {len(found.not_taken)} parts not taken")
        if accept:
            taken = application.imports.accept(found.id, who_types())
            for refused in taken.refused:
                print(f"{refused.article_id}: no draft: {refused.detail}")
            print(f"{len(taken.drafts)} drafts made; they go live when they are reviewed and published")


def _place(place: Place) -> str:
    return f"{place.part + ' ' if place.part else ''}{place.kind} {place.number}"


@app.command("publish")
def publish() -> None:
    """Make the knowledge in the files live 发布: check it, store its revisions, build the index, print the version."""
    from assistant.errors import KnowledgeRejected

    settings = _settings()
    if errors := _report(_check(_root(settings)), only_errors=True):
        raise KnowledgeRejected(f"{errors} errors must be mended before this can be published.")
    with opened(settings, who_types()) as application:
        print(f"knowledge version {application.knowledge_version}")


def _was_published(store: Store) -> bool:
    with store.read() as work:
        return work.knowledge.version() is not None


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
