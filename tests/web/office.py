"""The desk's people, and a server with knowledge for them."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from assistant.roles import Role
from tests.api.conftest import add_account, bearer

__all__ = ["Office"]


class Office:
    """A server with knowledge, and the people of the desk."""

    def __init__(self, app: FastAPI, url: str) -> None:
        self.app, self.url = app, url
        for name, role in (("edith", Role.EDITOR), ("otto", Role.EDITOR), ("rita", Role.REVIEWER)):
            add_account(app, name, role)

    def calls(self, name: str) -> httpx.Client:
        """The desk's calls as somebody makes them."""
        return httpx.Client(base_url=f"{self.url}/v1/knowledge/", headers=bearer(self.app, name), timeout=60)
