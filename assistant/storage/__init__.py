"""Where conversations, decisions, events and knowledge revisions are kept. The only place that knows SQLAlchemy."""

from assistant.storage.engine import Store
from assistant.storage.records import (
    Account,
    AgentMessage,
    Answering,
    ArticleHead,
    ArticleRevision,
    Attachment,
    Conversation,
    Decision,
    FollowUp,
    HeardRefusal,
    Judgement,
    KnowledgeGap,
    KnowledgeVersion,
    Message,
    Note,
    QueueLine,
    QuickReply,
    RevisionComment,
    ShownVerdict,
    StaffSession,
    Suggestion,
    SuggestionUse,
)
from assistant.storage.work import Work

__all__ = ["Account", "AgentMessage", "Answering", "ArticleHead", "ArticleRevision", "Attachment", "Conversation", "Decision", "FollowUp",
           "HeardRefusal", "Judgement", "KnowledgeGap", "KnowledgeVersion", "Message", "Note", "QueueLine", "QuickReply", "RevisionComment",
           "ShownVerdict", "StaffSession", "Store", "Suggestion", "SuggestionUse", "Work"]
