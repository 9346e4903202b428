"""`zhike ask`: one question, one reply."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.loading import opened, who_types
from api.commands.moments import a_moment

if TYPE_CHECKING:
    from assistant.bootstrap import Application
    from assistant.reply import Outcome

__all__ = ["ask"]


def ask(
    text: Annotated[str, typer.Argument(help="The question, as a client would type it.")],
    client: Annotated[str | None, typer.Option(
        help="Whose question it is (a client's id). The assistant says the same to every client.")] = None,
    as_of: Annotated[str | None, typer.Option(
        help="Answer as of a past moment, e.g. 2026-07-01 or 2026-07-01T10:30 (China time unless it says).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result, as agents see it.")] = False,
) -> None:
    """Ask one question 问一句. Example: zhike ask 主板ST股票一天能涨多少 --as-of 2026-07-01"""
    from assistant.clock import CHINA
    from assistant.inbound import clean_text
    from assistant.reply import Context
    from assistant.settings import load_settings

    settings = load_settings()
    question = clean_text(text, max_length=settings.max_message_length)
    moment = a_moment(as_of, "--as-of").astimezone(CHINA) if as_of else datetime.now(CHINA)
    with opened(settings) as application:
        if client:
            known = _is_known(application, client)
            print("zhike: the assistant says the same to every client; what a record says stands in what agents are suggested"
                  + ("" if known else f", and there is no record {client}"), file=sys.stderr)
        responder = application.knowledge.as_of(moment).responder if as_of else application.responder
        outcome = responder.respond(question, Context(), moment)
    if as_json:
        print(json.dumps(outcome.to_dict(), ensure_ascii=False, indent=2))
    else:
        _show(outcome)


def _is_known(application: Application, client: str) -> bool:
    from assistant.errors import ClientNotFound

    try:
        application.clients.look(client, who_types(), why="ask")
    except ClientNotFound:
        return False
    return True


def _show(outcome: Outcome) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    console, reply = Console(highlight=False), outcome.reply
    console.print(Markdown(reply.text))
    for number, choice in enumerate(reply.choices, start=1):
        console.print(f"  {number}. {choice.title}", markup=False)
    for source in reply.sources:
        number = f"（{source.number}）" if source.number else ""
        line = f"依据 {source.issuer}《{source.title}》{number}，{source.effective_from} 起"
        console.print(line, style="dim", markup=False)
    article = f" · {reply.article.id} r{reply.article.revision}" if reply.article else ""
    console.print(f"{reply.kind} {reply.confidence:.2f}{article} · {reply.reason} · {outcome.took_ms:.1f} ms",
                  style="dim", markup=False)
