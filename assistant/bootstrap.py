"""The one place where settings become a running application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.bell import Bell
from assistant.errors import KnowledgeRejected
from assistant.inbox import Inbox, Responds
from assistant.revisions import sync_knowledge
from assistant.service import Conversations
from assistant.settings import Settings
from assistant.storage import Store
from knowledge.articles import KnowledgeBase
from knowledge.errors import KnowledgeError

__all__ = ["Application", "assemble", "load_knowledge", "open_application"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that serves; `close` it at the end."""

    settings: Settings
    store: Store
    responder: Responds
    inbox: Inbox
    conversations: Conversations
    bell: Bell
    knowledge_version: int

    def close(self) -> None:
        self.store.close()


def open_application(settings: Settings, progress: Progress | None = None) -> Application:
    """Database, knowledge, index and models, opened as the settings say; what is missing is built.

    `progress` hears of long steps: (what, done, of how many). Raises AssistantError.
    """
    # Models take a second to import; whoever only needs the store should not wait for them.
    from assistant.turn import Responder

    settings.data.mkdir(parents=True, exist_ok=True)
    base = load_knowledge(settings)
    store = Store.open(settings.database_url)
    version, revisions = sync_knowledge(store, base)
    responder = Responder.open(
        base, settings.data, encoder=settings.encoder, max_wrong_answer_rate=settings.max_wrong_answer_rate,
        version=version, revisions=revisions, progress=progress)
    return assemble(settings, store, responder, knowledge_version=version)


def assemble(settings: Settings, store: Store, responder: Responds, *, knowledge_version: int = 0) -> Application:
    """The services on a store and a responder that are open already."""
    bell = Bell()
    inbox = Inbox(store, responder, bell, max_length=settings.max_message_length)
    return Application(settings, store, responder, inbox, Conversations(store, bell), bell, knowledge_version)


def load_knowledge(settings: Settings) -> KnowledgeBase:
    """The knowledge that the settings name. Raises KnowledgeRejected."""
    try:
        return KnowledgeBase.load(settings.knowledge, settings.firm)
    except (KnowledgeError, FileNotFoundError) as error:
        raise KnowledgeRejected(f"The knowledge can't be used: {error}") from error
