"""Where conversations, decisions, events and knowledge revisions are kept. The only place that knows SQLAlchemy."""

from assistant.storage.engine import Store
from assistant.storage.records import (
    Answering,
    ArticleRevision,
    Conversation,
    Decision,
    KnowledgeGap,
    KnowledgeVersion,
    Message,
)
from assistant.storage.work import Work

__all__ = ["Answering", "ArticleRevision", "Conversation", "Decision", "KnowledgeGap", "KnowledgeVersion", "Message",
           "Store", "Work"]
