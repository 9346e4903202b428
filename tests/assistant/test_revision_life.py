"""The life of a revision: what may follow what, and by whom."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import AssistantError, IllegalStep, NotTheAuthor, OwnRevision
from assistant.revision_life import OPEN, RevisionEffect, RevisionState, Step, stepped

S = RevisionState
PEOPLE = ("anna", "bert", "os:files")


@pytest.mark.parametrize(("state", "step", "after"), [
    (S.DRAFT, Step.SAVE, S.DRAFT), (S.DRAFT, Step.SUBMIT, S.IN_REVIEW), (S.DRAFT, Step.APPROVE, None), (S.DRAFT, Step.PUBLISH, None),
    (S.IN_REVIEW, Step.SAVE, None), (S.IN_REVIEW, Step.APPROVE, S.APPROVED), (S.IN_REVIEW, Step.REJECT, S.DRAFT),
    (S.APPROVED, Step.PUBLISH, S.PUBLISHED), (S.APPROVED, Step.REJECT, S.DRAFT), (S.APPROVED, Step.SAVE, None),
    (S.PUBLISHED, Step.RETIRE, None), (S.DRAFT, Step.RETIRE, S.RETIRED), (S.APPROVED, Step.RETIRE, S.RETIRED),
    (S.PUBLISHED, Step.SAVE, None), (S.RETIRED, Step.PUBLISH, None), (S.RETIRED, Step.RETIRE, None)])
def test_what_may_follow_what(state: S, step: Step, after: S | None) -> None:
    by = "anna" if step in (Step.SAVE, Step.SUBMIT) else "bert"
    if after is None:
        with pytest.raises(IllegalStep):
            stepped(state, step, author="anna", by=by)
    else:
        assert stepped(state, step, author="anna", by=by) is after


@pytest.mark.parametrize(("state", "step", "after"), [
    (S.IN_REVIEW, Step.APPROVE, S.APPROVED), (S.IN_REVIEW, Step.REJECT, S.RETIRED), (S.APPROVED, Step.PUBLISH, S.RETIRED),
    (S.IN_REVIEW, Step.RETIRE, S.RETIRED), (S.IN_REVIEW, Step.PUBLISH, None), (S.DRAFT, Step.SUBMIT, None), (S.DRAFT, Step.SAVE, None)])
def test_what_takes_an_article_away_ends_retired(state: S, step: Step, after: S | None) -> None:
    by = "anna" if step in (Step.SAVE, Step.SUBMIT) else "bert"
    if after is None:
        with pytest.raises(IllegalStep):
            stepped(state, step, author="anna", by=by, effect=RevisionEffect.RETIRE)
    else:
        assert stepped(state, step, author="anna", by=by, effect=RevisionEffect.RETIRE) is after


@given(author=st.sampled_from(PEOPLE), steps=st.lists(st.tuples(st.sampled_from(list(Step)), st.sampled_from(PEOPLE)), max_size=25))
@settings(max_examples=200, deadline=None)
def test_whatever_is_tried_nobody_s_own_words_go_live_and_words_change_in_drafts_only(
        author: str, steps: list[tuple[Step, str]]) -> None:
    state, approver, submitted = S.DRAFT, None, False
    for step, by in steps:
        try:
            after = stepped(state, step, author=author, by=by)
        except AssistantError as error:
            if isinstance(error, OwnRevision):
                assert by == author and step in (Step.APPROVE, Step.REJECT)
            if isinstance(error, NotTheAuthor):
                assert by != author and step in (Step.SAVE, Step.SUBMIT)
            continue
        if step is Step.SAVE:
            assert state is S.DRAFT and by == author
        if step is Step.SUBMIT:
            submitted = True
        if step is Step.APPROVE:
            approver = by
        if after is S.PUBLISHED:
            assert submitted and approver not in (None, author)
        assert state is not S.RETIRED, "nothing comes back"
        state = after
    assert (state in OPEN) == (state in (S.DRAFT, S.IN_REVIEW))
