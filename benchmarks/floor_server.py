"""Zhike as it is served, HTTP and store, before an assistant that hands every client to a human: no models to load."""

from __future__ import annotations

import argparse
from datetime import datetime

import uvicorn

from api.app import create_app
from api.logs import configure
from assistant.bootstrap import Application, assemble
from assistant.reply import Context, Outcome, Reply
from assistant.settings import Settings, load_settings
from assistant.storage import Store
from intents.reading import Intent, Reading

__all__ = ["HandsOver"]


class HandsOver:
    """Keeps the Protocol `Responds`."""

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        reading = Reading(text, text, Intent("unknown", 0.0))
        return Outcome(Reply("handover", "正在为您转接人工客服。", 1.0, "asked for"), reading, (), 1, {}, context)


def _open(settings: Settings) -> Application:
    return assemble(settings, Store.open(settings.database_url), HandsOver(), knowledge_version=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    settings = load_settings()
    # Access lines are written as in service, wherever they go.
    configure(settings.log_level)
    uvicorn.run(create_app(settings, lambda: _open(settings), demo=False), port=port, log_config=None, access_log=False,
                server_header=False, timeout_graceful_shutdown=1, backlog=4096)
