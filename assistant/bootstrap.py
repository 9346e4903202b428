"""The one place where settings become a running application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from assistant.accounts import Accounts
from assistant.agent_feed import AgentFeed
from assistant.agent_messages import AgentMessages
from assistant.assigner import Assigner
from assistant.audit import SYSTEM, Actor
from assistant.bell import Bell
from assistant.catalogue import Catalogue
from assistant.clients import Clients
from assistant.console import Console
from assistant.dashboard import Dashboard
from assistant.desk import Desk
from assistant.desk_list import DeskList
from assistant.duty import Duty
from assistant.errors import KnowledgeRejected
from assistant.exchange.export import Export
from assistant.exchange.imports import Imports
from assistant.fact_changes import FactChanges
from assistant.family_verdicts import FamilyVerdicts
from assistant.files import Files
from assistant.firm_policy import load_firm_policy
from assistant.follow_up_policy import load_follow_up_policy
from assistant.follow_ups import FollowUps
from assistant.gaps import Gaps
from assistant.golden import GOLDEN_FILE, GoldenQuestions
from assistant.history import History
from assistant.impact import Impacts
from assistant.inbox import Inbox, Responds, utc_now
from assistant.knowledge_watch import KnowledgeWatch
from assistant.labelling import Labelling
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.named_models import NamedModels, check_encoder
from assistant.outgoing import load_outgoing_check
from assistant.overheard import Overhears, nothing_overheard
from assistant.own_password import OwnPassword
from assistant.phrases import Phrases
from assistant.publication import Publishing
from assistant.quality import load_quality_rules
from assistant.question_vectors import QuestionVectors
from assistant.reaching import Reach
from assistant.review import Review
from assistant.revisions import sync_knowledge
from assistant.scanning import Clamd, no_scan
from assistant.service import Conversations
from assistant.service_rules import load_service_rules
from assistant.sessions import Sessions
from assistant.settings import Settings
from assistant.similar_questions import SimilarQuestions
from assistant.storage import Store
from assistant.suggestions import Suggestions
from assistant.trail import AuditTrail
from assistant.upkeep import Upkeep
from assistant.vouching import Vouching
from assistant.waiting_room import WaitingRoom
from assistant.wording import Words
from knowledge.articles import SHIPPED, KnowledgeBase
from knowledge.errors import KnowledgeError

__all__ = ["Application", "assemble", "load_knowledge", "open_application"]

Progress = Callable[[str, int, int], None]
_NOTHING = KnowledgeBase({}, {}, {}, {})
_READ_BEFORE = "articles-read.json"


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that serves; `close` it at the end."""

    settings: Settings
    store: Store
    knowledge: LiveKnowledge
    desk: Desk
    desk_list: DeskList
    publishing: Publishing
    watch: KnowledgeWatch
    inbox: Inbox
    conversations: Conversations
    accounts: Accounts
    sessions: Sessions
    own_password: OwnPassword
    trail: AuditTrail
    clients: Clients
    catalogue: Catalogue
    console: Console
    agent_messages: AgentMessages
    agent_feed: AgentFeed
    suggestions: Suggestions
    follow_ups: FollowUps
    dashboard: Dashboard
    room: WaitingRoom
    assigner: Assigner
    bell: Bell
    vouching: Vouching
    files: Files
    history: History
    labelling: Labelling
    phrases: Phrases
    imports: Imports
    export: Export
    impacts: Impacts
    golden: GoldenQuestions
    fact_changes: FactChanges
    gaps: Gaps
    upkeep: Upkeep
    similar: SimilarQuestions
    review: Review

    @property
    def responder(self) -> Responds:
        """What answers now; whoever holds on to it stays with its version."""
        return self.knowledge.current.responder

    @property
    def knowledge_version(self) -> int:
        return self.knowledge.version

    def close(self) -> None:
        self.watch.stop()
        self.impacts.close()
        self.store.close()


def open_application(settings: Settings, progress: Progress | None = None, by: Actor = SYSTEM) -> Application:
    """Database, knowledge, index and models, opened as the settings say; what is missing is built.

    `progress` hears of long steps: (what, done, of how many). `by` takes in what changed in the files. Raises AssistantError.
    """
    # Models take a second to import; whoever only needs the store should not wait for them.
    from assistant.editions import IndexKeeper, remake
    from assistant.turn import Responder

    settings.data.mkdir(parents=True, exist_ok=True)
    files = load_knowledge(settings)
    store = Store.open(settings.database_url)
    version, base = sync_knowledge(store, files, by)
    models = NamedModels(settings.data).chosen(settings)
    responder = Responder.open(
        base, settings.indexes, encoder=settings.encoder, cross_encoder=settings.cross_encoder, models=models,
        max_wrong_answer_rate=settings.max_wrong_answer_rate, version=version.number, revisions=version.revisions, progress=progress)
    check_encoder(models, responder.index.encoder.name, responder.index.encoder.fingerprint)
    knowledge = LiveKnowledge(store, Edition(version.number, base, version.revisions, responder), remake, around=files,
                              on_change=IndexKeeper(settings.indexes), files=lambda: load_knowledge(settings))
    application = assemble(settings, store, responder, knowledge=knowledge, overhears=responder.overhears())
    application.golden.load_shipped((settings.knowledge or SHIPPED) / GOLDEN_FILE)
    return application


def assemble(settings: Settings, store: Store, responder: Responds, *, knowledge_version: int = 0,
             words: Words | None = None, overhears: Overhears = nothing_overheard, knowledge: LiveKnowledge | None = None) -> Application:
    """The services on a store and a responder that are open already; `words` are what agents are suggested, and `overhears`
    reads what clients write while a human has them.

    Without `knowledge` the responder answers alone, as of `knowledge_version`, and what is published changes nothing of it.
    """
    knowledge = knowledge or LiveKnowledge(store, Edition(knowledge_version, _NOTHING, {}, responder), lambda *_: responder)
    desk, publishing = Desk(store, knowledge), Publishing(store, knowledge)
    vectors = QuestionVectors(store)
    reach = Reach(vectors, settings.indexes)
    impacts, golden = Impacts(store, knowledge, reach), GoldenQuestions(store, knowledge, reach)
    bell, idle = Bell(), timedelta(minutes=settings.session_idle_minutes)
    duty, firm = Duty(idle), load_firm_policy(settings.suitability)
    rules, follow_up_policy = load_service_rules(settings.service), load_follow_up_policy(settings.follow_ups)
    room = WaitingRoom(store, duty, rules, clock=utc_now)
    inbox = Inbox(store, knowledge, bell, max_length=settings.max_message_length, duty=duty, room=room, overhears=overhears,
                  follow_ups=follow_up_policy)
    sessions = Sessions(store, idle=idle, longest=timedelta(hours=settings.session_max_hours))
    outgoing = load_outgoing_check(settings.outgoing_hard)
    suggestions = Suggestions(store, knowledge, (lambda: words) if words else knowledge.words, FamilyVerdicts(follow_up_policy, firm))
    agent_messages = AgentMessages(store, bell, outgoing, max_length=settings.max_message_length, reads=suggestions.text_of)
    secret, scan = settings.client_token_secret, Clamd(settings.clamd) if settings.clamd else no_scan
    vouching = Vouching.open(secret and secret.get_secret_value(), settings.client_token_public_key, settings.client_token_audience)
    return Application(
        settings, store, knowledge, desk, DeskList(store, knowledge), publishing,
        KnowledgeWatch(knowledge, publishing, seconds=settings.poll_seconds), inbox,
        conversations=Conversations(store, bell, vouching=vouching, room=room),
        accounts=Accounts(store, min_password=settings.password_min_length, skills=rules.plan.skills), sessions=sessions,
        own_password=OwnPassword(store, min_password=settings.password_min_length), trail=AuditTrail(store),
        clients=Clients(store, firm=firm),
        catalogue=Catalogue(store, firm), follow_ups=FollowUps(store, bell, follow_up_policy, firm),
        console=Console(store, bell, duty, room=room),
        agent_messages=agent_messages, agent_feed=AgentFeed(store), bell=bell, room=room, vouching=vouching,
        files=Files(store, settings.data / "uploads", max_bytes=settings.max_attachment_bytes, scan=scan,
                    orphans_after=timedelta(hours=settings.orphaned_upload_hours)),
        history=History(store),
        labelling=Labelling(store, bell, room), phrases=Phrases(store, outgoing, max_length=settings.max_message_length),
        assigner=Assigner(store, bell, room), export=Export(store),
        imports=Imports(store, settings.data / "imports", knowledge, desk),
        impacts=impacts, golden=golden, fact_changes=FactChanges(store, knowledge, impacts, golden),
        gaps=Gaps(store, knowledge, desk, vectors), upkeep=Upkeep(store, knowledge),
        similar=SimilarQuestions(store, knowledge, vectors),
        review=Review(store, desk, publishing, impacts, golden),
        dashboard=Dashboard(store, load_quality_rules(settings.measures, rules.goals), rules, duty),
        suggestions=suggestions)


def load_knowledge(settings: Settings) -> KnowledgeBase:
    """The knowledge that the settings name. Raises KnowledgeRejected."""
    try:
        return KnowledgeBase.load(settings.knowledge, settings.firm, kept=settings.data / _READ_BEFORE)
    except (KnowledgeError, FileNotFoundError) as error:
        raise KnowledgeRejected(f"The knowledge can't be used: {error}") from error
