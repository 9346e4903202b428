"""Who a client is on a channel: kept as a digest, so that the store tells nobody a client's id there."""

from __future__ import annotations

import hashlib

__all__ = ["client_ref"]


def client_ref(client_token: str) -> str:
    """What stands for the channel's own word for a client, in conversations and in client records alike."""
    return f"sha256:{hashlib.sha256(client_token.encode('utf-8', 'replace')).hexdigest()}"
