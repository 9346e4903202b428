"""The one place where settings become a running application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from assistant.accounts import Accounts
from assistant.agent_feed import AgentFeed
from assistant.agent_messages import AgentMessages
from assistant.bell import Bell
from assistant.catalogue import Catalogue
from assistant.clients import Clients
from assistant.console import Console
from assistant.duty import Duty
from assistant.errors import KnowledgeRejected
from assistant.firm_policy import load_firm_policy
from assistant.inbox import Inbox, Responds
from assistant.outgoing import load_outgoing_check
from assistant.revisions import sync_knowledge
from assistant.service import Conversations
from assistant.sessions import Sessions
from assistant.settings import Settings
from assistant.storage import Store
from assistant.suggestions import Suggestions
from assistant.trail import AuditTrail
from assistant.wording import ApprovedWords, NoWords, Words
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
    accounts: Accounts
    sessions: Sessions
    trail: AuditTrail
    clients: Clients
    catalogue: Catalogue
    console: Console
    agent_messages: AgentMessages
    agent_feed: AgentFeed
    suggestions: Suggestions
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
        base, settings.data, encoder=settings.encoder, cross_encoder=settings.cross_encoder, models=settings.models,
        max_wrong_answer_rate=settings.max_wrong_answer_rate, version=version, revisions=revisions, progress=progress)
    return assemble(settings, store, responder, knowledge_version=version, words=ApprovedWords(base, revisions))


def assemble(settings: Settings, store: Store, responder: Responds, *, knowledge_version: int = 0,
             words: Words | None = None) -> Application:
    """The services on a store and a responder that are open already; `words` are what agents are suggested."""
    bell, idle = Bell(), timedelta(minutes=settings.session_idle_minutes)
    duty = Duty(idle)
    inbox = Inbox(store, responder, bell, max_length=settings.max_message_length, duty=duty)
    sessions = Sessions(store, idle=idle, longest=timedelta(hours=settings.session_max_hours))
    agent_messages = AgentMessages(store, bell, load_outgoing_check(settings.outgoing_hard), max_length=settings.max_message_length)
    return Application(
        settings, store, responder, inbox, conversations=Conversations(store, bell), accounts=Accounts(store),
        sessions=sessions, trail=AuditTrail(store), clients=Clients(store),
        catalogue=Catalogue(store, load_firm_policy(settings.suitability)), console=Console(store, bell, duty),
        agent_messages=agent_messages, agent_feed=AgentFeed(store), bell=bell, knowledge_version=knowledge_version,
        suggestions=Suggestions(store, responder, words or NoWords(), knowledge_version=knowledge_version))


def load_knowledge(settings: Settings) -> KnowledgeBase:
    """The knowledge that the settings name. Raises KnowledgeRejected."""
    try:
        return KnowledgeBase.load(settings.knowledge, settings.firm)
    except (KnowledgeError, FileNotFoundError) as error:
        raise KnowledgeRejected(f"The knowledge can't be used: {error}") from error
