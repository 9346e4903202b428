"""Records of clients, and who they are on each channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, delete, func, or_, select, update

from assistant.client_record import ClientRecord
from assistant.storage.rows import insert_new
from assistant.storage.tables import client, client_identity, conversation
from assistant.suitability import InvestorType, Kind, Losses, RiskLevel, Term, TradingPermission, Wishes

__all__ = ["Clients"]


class Clients:
    """`hold` locks records until the transaction ends; what changes one holds it first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: ClientRecord) -> bool:
        """Whether it was added; not where there is a record with its id."""
        return insert_new(self._connection, client, {"id": item.id, "created_at": item.created_at, **_values(item)})

    def get(self, client_id: str) -> ClientRecord | None:
        return self._records(select(client).where(client.c.id == client_id)).get(client_id)

    def by_id(self, client_ids: Iterable[str]) -> dict[str, ClientRecord]:
        """Those of the records that are there."""
        wanted = sorted(set(client_ids))
        return self._records(select(client).where(client.c.id.in_(wanted))) if wanted else {}

    def latest_conversations(self, client_ids: Iterable[str]) -> dict[str, str]:
        """Client → id of the conversation in which they last needed somebody; those without any are left out."""
        wanted = sorted(set(client_ids))
        if not wanted:
            return {}
        theirs = and_(conversation.c.channel == client_identity.c.channel, conversation.c.client_ref == client_identity.c.client_ref)
        rows = self._connection.execute(select(client_identity.c.client_id, conversation.c.id).join(conversation, theirs).where(
            client_identity.c.client_id.in_(wanted)).order_by(conversation.c.needed_at, conversation.c.id))
        return {client_id: conversation_id for client_id, conversation_id in rows}

    def hold(self, client_ids: Iterable[str]) -> dict[str, ClientRecord]:
        """Those of the records that are there. Always in the same order, so that two who want the same wait in turn."""
        wanted = sorted(set(client_ids))
        return self._records(select(client).where(client.c.id.in_(wanted)).order_by(client.c.id).with_for_update())

    def change(self, item: ClientRecord) -> None:
        """Write a record that is held."""
        self._connection.execute(update(client).where(client.c.id == item.id), _values(item))

    def page(self, after: str, limit: int, *, words: str = "") -> list[ClientRecord]:
        """Records with greater ids, in order; with `words`, those whose id begins with them or whose name has them."""
        query = select(client).where(client.c.id > after).order_by(client.c.id).limit(limit)
        if words:
            query = query.where(or_(client.c.id.startswith(words, autoescape=True),
                                    func.lower(client.c.display_name).contains(words.lower(), autoescape=True)))
        return list(self._records(query).values())

    def by_identity(self, channel: str, client_ref: str) -> ClientRecord | None:
        """Whose identity it is on the channel."""
        owner = self._connection.scalar(select(client_identity.c.client_id).where(
            client_identity.c.channel == channel, client_identity.c.client_ref == client_ref))
        return owner and self.get(owner)

    def refs(self, client_ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """For each client, channel → identity there; empty where none is known."""
        found: dict[str, dict[str, str]] = {client_id: {} for client_id in client_ids}
        rows = self._connection.execute(select(client_identity).where(
            client_identity.c.client_id.in_(list(found))).order_by(client_identity.c.channel))
        for row in rows:
            found[row.client_id][row.channel] = row.client_ref
        return found

    def add_ref(self, client_id: str, channel: str, client_ref: str) -> bool:
        """Whether it was added; not where it is another client's, or the client has another on the channel."""
        return insert_new(self._connection, client_identity, {
            "channel": channel, "client_ref": client_ref, "client_id": client_id})

    def remove_ref(self, client_id: str, channel: str) -> None:
        self._connection.execute(delete(client_identity).where(
            client_identity.c.client_id == client_id, client_identity.c.channel == channel))

    def _records(self, query: Select[Any]) -> dict[str, ClientRecord]:
        rows = self._connection.execute(query).mappings().all()
        refs = self.refs(row["id"] for row in rows) if rows else {}
        return {row["id"]: _to_record(row, tuple(refs[row["id"]])) for row in rows}


def _values(item: ClientRecord) -> dict[str, Any]:
    given = {name: getattr(item, name) for name in item.__dataclass_fields__ if name not in ("id", "created_at", "channels")}
    wishes = item.wishes
    return {**given, "permissions": sorted(item.permissions),
            "wishes": {"term": wishes.term, "kinds": sorted(wishes.kinds), "losses": wishes.losses}}


def _to_record(row: RowMapping, channels: tuple[str, ...]) -> ClientRecord:
    level: str | None = row["risk_level"]
    return ClientRecord(**{
        **row, "risk_level": RiskLevel(level) if level else None, "investor_type": InvestorType(row["investor_type"]),
        "permissions": frozenset(TradingPermission(item) for item in row["permissions"]),
        "wishes": _to_wishes(row["wishes"]), "channels": channels})


def _to_wishes(value: Mapping[str, Any]) -> Wishes:
    term, losses = value["term"], value["losses"]
    return Wishes(Term(term) if term else None, frozenset(Kind(item) for item in value["kinds"]),
                  Losses(losses) if losses else None)
