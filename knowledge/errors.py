"""What can be wrong with knowledge.

KnowledgeError
├── ArticleInvalid        a file of the base that does not read as an article
├── PlaceholderUnknown    a template names a fact or firm variable that does not exist
└── FactUnavailable       a quoted fact has no value on the day asked for
"""

__all__ = ["ArticleInvalid", "FactUnavailable", "KnowledgeError", "PlaceholderUnknown"]


class KnowledgeError(Exception):
    """Anything wrong with knowledge; the message says what was found and what was expected."""


class ArticleInvalid(KnowledgeError):
    """A file that does not read as an article."""


class PlaceholderUnknown(KnowledgeError):
    """A template names a fact or firm variable that does not exist."""


class FactUnavailable(KnowledgeError):
    """A quoted fact has no value on the day asked for."""
