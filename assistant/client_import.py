"""Takes a file of client records into the store: by their ids, so that the same file again changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pydantic import ValidationError

from assistant.audit import Actor
from assistant.client_files import BadRow, ClientFile, Row
from assistant.client_record import CLIENT_ID, ClientFields, ClientRecord
from assistant.clients import carry_out, follow_ups_after, planned
from assistant.errors import ClientRecordInvalid, IdentityTaken
from assistant.follow_up_opening import tell
from assistant.inbox import utc_now
from assistant.storage import FollowUp, Store, Work

__all__ = ["ClientImport", "Counts", "Rejected"]

Progress = Callable[[str, int, int], None]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a row was not taken; `reason` never quotes a value."""

    row: int
    id: str
    field: str
    reason: str


@dataclass(slots=True)
class Counts:
    """How many rows were taken, and how."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


class ClientImport:
    """Rows go in by hundreds, each hundred whole or not at all: what was cut off is finished by running it again."""

    def __init__(self, store: Store, by: Actor, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._by = by
        self._clock = clock

    def take(self, file: ClientFile, reject: Callable[[Rejected], None], progress: Progress | None = None) -> Counts:
        """Every row of the file is taken, or told to `reject` with each reason. Raises ClientFileInvalid."""
        counts, total, seen = Counts(), file.count(), set[str]()
        for batch in _batches(file.rows()):
            entries = []
            for row in batch:
                read = _read(row, seen)
                if isinstance(read, ClientFields):
                    entries.append((row, read))
                else:
                    counts.rejected += 1
                    for fault in read:
                        reject(fault)
            for fault in self._write(entries, file.name, counts):
                reject(fault)
            if progress:
                progress("importing clients", batch[-1].number, max(total, batch[-1].number))
        return counts

    def _write(self, entries: list[tuple[Row, ClientFields]], source: str, counts: Counts) -> list[Rejected]:
        """One transaction; the counts are raised once it is kept."""
        ids, faults, done = [row.id for row, _ in entries], list[Rejected](), list[str]()
        touched, written = list[FollowUp](), list[str]()
        with self._store.write() as work:
            held, known = work.clients.hold(ids), work.clients.refs(ids)
            # In the order of ids, so that two who import the same clients wait for each other in turn.
            for row, given in sorted(entries, key=lambda entry: entry[0].id):
                try:
                    done.append(self._take(work, row.id, given, held.get(row.id), known[row.id], source, touched))
                    if done[-1] == "changed":
                        written.append(row.id)
                except ClientRecordInvalid as error:
                    faults.append(Rejected(row.number, row.id, "", error.reason))
                except IdentityTaken as error:
                    faults.append(Rejected(row.number, row.id, "identities", str(error)))
            tell(work, touched, self._clock(), clients=written)
        counts.added += done.count("added")
        counts.changed += done.count("changed")
        counts.unchanged += done.count("unchanged")
        counts.rejected += len(faults)
        return sorted(faults, key=lambda fault: fault.row)

    def _take(self, work: Work, client_id: str, given: ClientFields, held: ClientRecord | None, known: Mapping[str, str],
              source: str, touched: list[FollowUp]) -> str:
        while True:
            now = self._clock()
            plan = planned(client_id, given, held, known, now)
            if not plan.differences:
                return "unchanged"
            # Only an identity can be refused once writing has begun.
            with work.attempt() if plan.coming else nullcontext():
                record = carry_out(work, plan, self._by, now, source=source)
            if record:
                touched += follow_ups_after(work, plan, record, self._by, now)
                return "changed" if held else "added"
            # Somebody else made the record since it was looked for, and has finished.
            held, known = work.clients.hold([client_id]).get(client_id), work.clients.refs([client_id])[client_id]


def _batches(rows: Iterable[Row | BadRow]) -> Iterator[list[Row | BadRow]]:
    rows = iter(rows)
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch


def _read(row: Row | BadRow, seen: set[str]) -> ClientFields | list[Rejected]:
    """The fields of the row, or what is wrong with it."""
    if isinstance(row, BadRow):
        return [Rejected(row.number, "", "", row.reason)]
    if not re.fullmatch(CLIENT_ID, row.id):
        return [Rejected(row.number, "", "id", "expected 1 to 64 letters, digits and . _ - that begin with a letter or digit")]
    if row.id in seen:
        return [Rejected(row.number, row.id, "id", "stands in an earlier row of the file")]
    try:
        given = ClientFields.model_validate(row.values)
    except ValidationError as error:
        return [Rejected(row.number, row.id, ".".join(str(part) for part in item["loc"]), item["msg"])
                for item in error.errors(include_input=False, include_url=False)]
    seen.add(row.id)
    return given
