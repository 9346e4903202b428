"""Where conversations, decisions, events and knowledge revisions are kept. The only place that knows SQLAlchemy."""

from assistant.storage.engine import Store
from assistant.storage.records import (
    Account,
    AgentMessage,
    Answering,
    ArticleRevision,
    Conversation,
    Decision,
    KnowledgeGap,
    KnowledgeVersion,
    Message,
    Note,
    QueueLine,
    StaffSession,
    Suggestion,
    SuggestionUse,
)
from assistant.storage.work import Work

__all__ = ["Account", "AgentMessage", "Answering", "ArticleRevision", "Conversation", "Decision", "KnowledgeGap",
           "KnowledgeVersion", "Message", "Note", "QueueLine", "StaffSession", "Store", "Suggestion", "SuggestionUse", "Work"]
