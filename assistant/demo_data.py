"""What the demonstration shows besides accounts: products and clients of a firm that does not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from assistant.audit import SYSTEM, Action
from assistant.catalogue import read_products
from assistant.client_record import blank, merged
from assistant.clock import china_day
from assistant.demo_clients import demo_clients
from assistant.identity import client_ref
from assistant.inbox import utc_now
from assistant.storage import Store

__all__ = ["fill_demo"]

_PRODUCTS = Path(__file__).parent / "demo_products.toml"


def fill_demo(store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Add the products and clients that are missing; what somebody changed meanwhile stays as it is."""
    now = clock()
    today = china_day(now)
    with store.write() as work:
        added = sum(work.products.add(item) for item in read_products(_PRODUCTS))
        if added:
            work.audit.record(Action.PRODUCTS_IMPORTED, SYSTEM, now, details={"demo": True, "added": added})
        made = []
        for client_id, given in demo_clients(today):
            if not work.clients.add(replace(merged(blank(client_id, now), given, today=today), demo=True)):
                continue
            made.append(client_id)
            for channel, token in given.identities.items():
                # A token that another client has by now is theirs.
                if token:
                    work.clients.add_ref(client_id, channel, client_ref(token))
        if made:
            work.audit.record(Action.CLIENT_CHANGED, SYSTEM, now, details={"demo": True, "created": True, "clients": made})
