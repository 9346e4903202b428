"""The life of a revision: who may take which step from which state, and what then. Pure.

draft → in_review → approved → published → retired. A reviewer sends one in review back to its author; what is
not wanted any more is retired before it is published. Words change in a draft only.

To take an article away is a change like any other: a revision in review whose effect is that nothing is said any more. It ends
as retired, whether it is published or sent back.
"""

from __future__ import annotations

from enum import StrEnum

from assistant.errors import IllegalStep, NotTheAuthor, OwnRevision

__all__ = ["FROM_FILES", "OPEN", "RevisionEffect", "RevisionState", "Step", "stepped"]

# The author of what came in with the files; no account can have this name.
FROM_FILES = "os:files"


class RevisionState(StrEnum):
    """Where a revision stands; the values are stable."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class RevisionEffect(StrEnum):
    """What publishing a revision does to its article; the values are stable."""

    CHANGE = "change"
    RETIRE = "retire"


class Step(StrEnum):
    """What may be done to a revision."""

    SAVE = "save"
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLISH = "publish"
    RETIRE = "retire"


_S = RevisionState
_STEPS: dict[Step, tuple[frozenset[RevisionState], RevisionState]] = {
    Step.SAVE: (frozenset({_S.DRAFT}), _S.DRAFT),
    Step.SUBMIT: (frozenset({_S.DRAFT}), _S.IN_REVIEW),
    Step.APPROVE: (frozenset({_S.IN_REVIEW}), _S.APPROVED),
    Step.REJECT: (frozenset({_S.IN_REVIEW, _S.APPROVED}), _S.DRAFT),
    Step.PUBLISH: (frozenset({_S.APPROVED}), _S.PUBLISHED),
    # What clients are told goes by a publication only.
    Step.RETIRE: (frozenset({_S.DRAFT, _S.IN_REVIEW, _S.APPROVED}), _S.RETIRED),
}
_OF_A_RETIREMENT: dict[Step, tuple[frozenset[RevisionState], RevisionState]] = {
    **_STEPS,
    Step.SAVE: (frozenset(), _S.DRAFT),
    Step.SUBMIT: (frozenset(), _S.IN_REVIEW),
    Step.REJECT: (frozenset({_S.IN_REVIEW, _S.APPROVED}), _S.RETIRED),
    Step.PUBLISH: (frozenset({_S.APPROVED}), _S.RETIRED),
}
# Being worked on: an article has at most one such revision.
OPEN = frozenset({_S.DRAFT, _S.IN_REVIEW})
_OF_THE_AUTHOR = frozenset({Step.SAVE, Step.SUBMIT})
_OF_OTHERS = frozenset({Step.APPROVE, Step.REJECT})


def stepped(state: RevisionState, step: Step, *, author: str | None, by: str | None,
            effect: RevisionEffect = RevisionEffect.CHANGE) -> RevisionState:
    """The state after a step that `by` takes on a revision of `author` with an effect.

    Raises OwnRevision where authors would judge their own, NotTheAuthor where others would change a draft,
    and IllegalStep where the state does not allow it; in this order, so that nobody learns by trying.
    """
    if step in _OF_OTHERS and by == author:
        raise OwnRevision()
    if step in _OF_THE_AUTHOR and by != author:
        raise NotTheAuthor(author)
    allowed, after = (_OF_A_RETIREMENT if effect is RevisionEffect.RETIRE else _STEPS)[step]
    if state not in allowed:
        raise IllegalStep(step.value, state.value)
    return after
