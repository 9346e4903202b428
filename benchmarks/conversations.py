"""Clients that ask one question each over HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence

from benchmarks.load import Load, post, send

__all__ = ["ask"]


def ask(port: int, questions: Sequence[str]) -> Load:
    """Each question in a conversation of its own, which is opened before the clock starts."""
    opened = send(port, [post("/v1/conversations", {"channel": "web"})] * len(questions)).require(201)
    conversations = [json.loads(body) for body in opened.bodies]
    return send(
        port,
        [
            post(
                f"/v1/conversations/{conversation['id']}/messages",
                {"client_message_id": "1", "text": question},
                conversation["token"],
            )
            for conversation, question in zip(conversations, questions, strict=True)
        ],
    ).require(200)
