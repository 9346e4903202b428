"""What agents write: messages to the client, read before they go out, and notes to colleagues. Written before they are
acknowledged, and once for each `client_message_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import uuid4

from assistant.agent import Agent, subject_of
from assistant.attaching import TakenFile, attach, words_beside
from assistant.audit import Action
from assistant.bell import Bell
from assistant.conversation import Move, moved
from assistant.errors import OutgoingRefused, UnknownSuggestion
from assistant.events import AgentReplied, NoteAdded
from assistant.inbound import DEFAULT_MAX_LENGTH, clean_text
from assistant.inbox import Said, utc_now
from assistant.outgoing import Finding, OutgoingCheck, own_numbers
from assistant.privacy import mask
from assistant.service import said
from assistant.storage import AgentMessage, Message, Note, Store, Suggestion, SuggestionUse, Work
from assistant.summary import LOOKS_BACK

__all__ = ["AgentMessages", "Draft"]

# Words that this rule finds are never repeated.
_PERSONAL = "personal_data"
_DIGITS_OF_A_NUMBER = 11


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent is about to send; `acknowledged` are rules whose warnings they override. Beside a file there may be no text."""

    client_message_id: str
    text: str
    suggestion_id: str | None = None
    acknowledged: tuple[str, ...] = ()
    file: TakenFile | None = None


class AgentMessages:
    """Safe to share between threads. Callers have seen to it that the agent's roles allow the call.

    `reads` tells how a suggestion reads for its client now.
    """

    def __init__(self, store: Store, bell: Bell, check: OutgoingCheck, *, clock: Callable[[], datetime] = utc_now,
                 max_length: int = DEFAULT_MAX_LENGTH, reads: Callable[[Suggestion], str] = attrgetter("text")) -> None:
        self._store = store
        self._bell = bell
        self._check = check
        self._clock = clock
        self._max_length = max_length
        self._reads = reads

    def send(self, conversation_id: str, draft: Draft, agent: Agent) -> Said:
        """Send a message to the client; the same `client_message_id` of the agent again gives the first message.

        Raises InvalidInput, OutgoingRefused, UnknownSuggestion, ConversationNotFound, AlreadyClaimed, NotClaimed or
        ConversationClosed.
        """
        text = words_beside(draft.file, draft.text, max_length=self._max_length)
        # Read before the transaction: rules take milliseconds, for which no other writer should wait.
        suggestion, edited, findings = self._read(conversation_id, draft, text)
        with self._store.write() as work:
            held, now = work.conversations.hold(conversation_id), self._clock()
            known = self._known(work, conversation_id, agent, draft.client_message_id)
            if known:
                return known
            holding = moved(held.holding, Move.SEND, agent.who)
            goes = self._check.may_go(findings, draft.acknowledged)
            _record_findings(work, findings, draft.acknowledged, goes, conversation_id, agent, now)
            sent = None
            if goes:
                message = _keep(work, conversation_id, text, now)
                attached = attach(work, draft.file, conversation_id, message.id, of_client=False) if draft.file else None
                overridden = tuple(sorted({finding.rule for finding in findings}))
                author = AgentMessage(message.id, conversation_id, agent.name, agent.display_name, draft.client_message_id, overridden)
                work.agents.add_authorship(author)
                if suggestion:
                    work.suggestions.add_use(_use(suggestion, message, agent, edited=edited))
                work.agents.mark_read(conversation_id, agent.name, message.seq, now)
                work.conversations.change(held, now)
                work.audit.record(Action.CONVERSATION_REPLIED, agent.by, now, subject=subject_of(conversation_id), details={
                    "message": message.id, **({"suggestion": suggestion.id} if suggestion else {}),
                    **({"attachment": attached.id, "sha256": attached.sha256} if attached else {})})
                work.outbox.append(conversation_id, now, AgentReplied(message.id), holding=holding)
                sent = Said(message, author=author, attachment=attached)
        # Refused only now: what was found stays in the trail.
        if sent is None:
            raise OutgoingRefused(findings)
        self._bell.ring(conversation_id)
        return sent

    def note(self, conversation_id: str, client_message_id: str, text: str, agent: Agent) -> Note:
        """Leave a note for colleagues, which no client ever sees, whoever holds the conversation.

        The same `client_message_id` again gives the first note. Raises InvalidInput or ConversationNotFound.
        """
        cleaned = clean_text(text, max_length=self._max_length)
        with self._store.write() as work:
            held, now = work.conversations.hold(conversation_id), self._clock()
            known = work.agents.noted_as(conversation_id, agent.name, client_message_id)
            if known:
                return known
            added = Note(uuid4().hex, conversation_id, agent.name, agent.display_name, client_message_id, cleaned, now)
            work.agents.add_note(added)
            work.audit.record(Action.CONVERSATION_NOTED, agent.by, now, subject=subject_of(conversation_id), details={"note": added.id})
            work.outbox.append(conversation_id, now, NoteAdded(added.id), holding=held.holding)
        self._bell.ring(conversation_id)
        return added

    def _known(self, work: Work, conversation_id: str, agent: Agent, client_message_id: str) -> Said | None:
        message_id = work.agents.sent_as(conversation_id, agent.name, client_message_id)
        message = message_id and work.conversations.message(message_id)
        return said(work, [message])[0] if message else None

    def _read(self, conversation_id: str, draft: Draft, text: str) -> tuple[Suggestion | None, bool, list[Finding]]:
        """The suggestion that was chosen, whether its words were changed, and what the outgoing check finds."""
        # What the client wrote matters only to a text that may hold a telephone number; to read all of it takes milliseconds.
        back = LOOKS_BACK if sum(map(str.isdigit, text)) >= _DIGITS_OF_A_NUMBER else 0
        if not back and not draft.suggestion_id:
            return None, False, self._check.findings(text)
        with self._store.read() as work:
            suggestion = work.suggestions.get(draft.suggestion_id) if draft.suggestion_id else None
            heard = work.conversations.last_messages(conversation_id, back, sender="client") if back else []
        if draft.suggestion_id and (suggestion is None or suggestion.conversation_id != conversation_id):
            raise UnknownSuggestion()
        # Approved words, word for word, were read by more than a rule.
        if suggestion and (text == suggestion.text.strip() or text == self._reads(suggestion).strip()):
            return suggestion, False, []
        return suggestion, suggestion is not None, self._check.findings(text, own=own_numbers([message.text for message in heard]))


def _keep(work: Work, conversation_id: str, text: str, now: datetime) -> Message:
    return work.conversations.add_message(conversation_id, id=uuid4().hex, sender="agent", text=text, at=now)


def _use(suggestion: Suggestion, message: Message, agent: Agent, *, edited: bool) -> SuggestionUse:
    return SuggestionUse(message.id, suggestion.id, agent.name, edited=edited,
                         sent_text=mask(message.text), at=message.at)


def _record_findings(work: Work, findings: Sequence[Finding], acknowledged: Collection[str], goes: bool, conversation_id: str,
                     agent: Agent, now: datetime) -> None:
    """Where and by which rule, not the words themselves: they may be a client's data."""
    if findings:
        work.audit.record(Action.OUTGOING_FOUND, agent.by, now, subject=subject_of(conversation_id), details={
            "sent": goes, "findings": [{
                "rule": finding.rule, "severity": finding.severity.value, "start": finding.start, "end": finding.end,
                "acknowledged": finding.rule in acknowledged,
                **({} if finding.rule == _PERSONAL else {"words": finding.words})} for finding in findings]})
