"""Learning from use: what clients and agents showed becomes proposals, and with what editors accepted and agents judged models are
trained anew.

Nothing reaches a client by this: similar questions go live through the desk, and models that answer worse than those in use
are not taken.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.audit import Action, Actor
from assistant.bootstrap import Application
from assistant.drafts import LONGEST_LINE, MOST_SIMILAR
from assistant.errors import AssistantError, ModelUnavailable
from assistant.named_models import CARD, NamedModels
from assistant.turn import Responder
from intents.tuned_head import TUNED, put_beside, take_away
from intents.understand import MODELS as HEADS
from knowledge.articles import KnowledgeBase
from knowledge.text import content, normalize
from training.datasets import DATA, LabelledQuestion, Utterance, development_questions, needs_of_desk, needs_written, trains
from training.evaluate import run_turns
from training.gates import Gate, compare
from training.model_card import write_card
from training.needs import train_needs
from training.outcomes import judged_utterances
from training.proposals import Proposal, accepted_pairs, propose, read_proposals, seen_as, write_proposals
from training.ranking import train
from training.scoring import judge
from training.sensitive import train_sensitive
from training.understanding import train_intents, train_tone

__all__ = ["Retrained", "gate_questions", "judged_from_log", "make_drafts", "propose_from_log", "retrain"]

_READ_AGAIN = ("needs", "sensitive")
# An answer that is surer needs no more questions of the kind.
_SURE = 0.9
Step = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


@dataclass(frozen=True, slots=True)
class Retrained:
    """New models, how they compare with those in use, and whether they were taken."""

    folder: Path
    gate: Gate
    taken: bool


def propose_from_log(application: Application, path: Path, since: datetime, by: Actor) -> list[Proposal]:
    """Write to `path` what use since a moment proposes, and keep what an editor decided there. The new ones, weightiest first."""
    decided = [item for item in read_proposals(path) if item.accepted is not None]
    with application.store.write() as work:
        lessons = work.learning.lessons(since)
        work.audit.record(Action.LEARNED, by, datetime.now(UTC), details={"since": since.isoformat(), "lessons": len(lessons)})
    edition = application.knowledge.current
    found = []
    for item in propose(lessons, edition.base):
        reply = edition.responder.respond(item.question).reply
        given = reply.article.id if reply.article else None
        if not (reply.kind == "answer" and given == item.article_id and reply.confidence >= _SURE):
            found.append(seen_as(item, reply.kind, given, reply.confidence))
    write_proposals(path, found, decided)
    settled = {item.question for item in decided}
    return [item for item in found if item.question not in settled]


def make_drafts(application: Application, proposals: Iterable[Proposal], by: Actor) -> tuple[list[str], dict[str, str]]:
    """A draft of each article with its proposed questions: ids of articles that have one now, and of others why not.

    An article that somebody is working on is left to them.
    """
    asked: dict[str, list[str]] = defaultdict(list)
    for item in proposals:
        asked[item.article_id].append(item.question[:LONGEST_LINE])
    made, refused = [], dict[str, str]()
    for article_id, questions in asked.items():
        try:
            article = application.knowledge.current.base.articles[article_id]
            similar = (*article.similar, *questions)[:MOST_SIMILAR]
            application.desk.start(article_id, {"similar": similar}, by)
            made.append(article_id)
        except AssistantError as error:
            refused[article_id] = error.code
    return made, refused


def judged_from_log(application: Application, since: datetime, by: Actor, data: Path = DATA) -> list[Utterance]:
    """What agents said came of follow-ups that opened since a moment. What stands in `data` is labelled there already."""
    known = {content(normalize(utterance.text)) for utterance in (*needs_written(data), *needs_of_desk(data))}
    return judged_utterances(application.follow_ups.export(by, since=since), known)


def retrain(application: Application, name: str, accepted: Sequence[Proposal], *, step: Step, judged: Sequence[Utterance] = (),
            data: Path = DATA, force: bool = False) -> Retrained:
    """Train heads and ranker for the live base into a named folder, compare, and take them unless they are worse.

    `accepted` ones that are not yet in the base train beside `data`: half of them the heads, the others, told apart like the
    development questions, the ranker and its calibration. What agents `judged` trains the head of needs.

    Raises ModelUnavailable for a name that is taken.
    """
    settings, before = application.settings, application.responder
    if not isinstance(before, Responder):
        raise TypeError(f"expected a Responder, found {type(before).__name__}")
    models = NamedModels(settings.data)
    folder, base, encoder = models.folder(name), before.base, before.index.encoder
    if (folder / CARD).is_file():
        raise ModelUnavailable(f"There are models named {name} already; choose another --name.")
    pairs = accepted_pairs(accepted, base)
    learned = [pair for pair in pairs if trains(pair[0])]
    train_intents(folder / "intents", encoder, base=base, data=data, accepted=learned)
    _keep_tuned(models.chosen(settings) or HEADS, folder)
    if train_sensitive(folder / "sensitive", encoder, base=base, data=data) is None:
        shutil.rmtree(folder / "sensitive", ignore_errors=True)
    train_needs(folder / "needs", encoder, data=data, judged=judged)
    train_tone(folder / "tone", encoder, data=data)
    if not any((folder / name / TUNED).is_dir() for name in _READ_AGAIN):
        # A transformer with which nobody reads any more.
        take_away(folder)
    with step("ranker") as progress:
        train(folder / "ranker", progress, encoder_name=settings.encoder, cross_encoder=settings.cross_encoder, heads=folder, base=base,
              index_folder=settings.indexes, data=data, accepted=_labelled(pairs, base), learned=learned)
    after = Responder.open(base, settings.indexes, encoder=settings.encoder, cross_encoder=settings.cross_encoder, models=folder,
                           max_wrong_answer_rate=settings.max_wrong_answer_rate, version=before.version)
    questions, groups = gate_questions(application, base, data)
    gate = compare(_verdicts(before, questions, step, "models in use"), _verdicts(after, questions, step, "new models"), groups)
    taken = gate.passed or force
    write_card(folder, encoder=encoder, base=base, data=data, cross_encoder=settings.cross_encoder,
               learned={"accepted": len(pairs), "judged": len(judged)},
               compared={"with": models.in_use() if settings.models is None else str(settings.models), "forced": force, **gate.to_dict()})
    if taken:
        models.use(name)
    return Retrained(folder, gate, taken)


def _verdicts(responder: Responder, questions: Sequence[LabelledQuestion], step: Step, what: str) -> list[str]:
    with step(what) as progress:
        answers = run_turns(responder, questions, progress)
    return [judge(question, answer) for question, answer in zip(questions, answers, strict=True)]


def gate_questions(application: Application, base: KnowledgeBase,
                   data: Path = DATA) -> tuple[list[LabelledQuestion], list[tuple[str, ...]]]:
    """What old and new models are compared on, and the groups of each: its category, its set, and all.

    The golden questions in force, and the development questions that no encoder trained on. Ranker and thresholds of both models
    were fitted on the latter, so the shares are rosy for both alike; what is compared is what changed.
    """
    with application.store.read() as work:
        golden = [item for item in work.golden.in_force() if item.article_id is None or item.article_id in base.articles]
    questions = [LabelledQuestion(item.id, (item.question,), (item.kind,), (item.article_id,) if item.article_id else (), None,
                                  base.articles[item.article_id].category if item.article_id else item.kind) for item in golden]
    groups = [(f"category {question.category}", "set golden", "all") for question in questions]
    development = development_questions(base, to_train=False, data=data)
    return (questions + development,
            groups + [(f"category {question.category}", "set development", "all") for question in development])


def _keep_tuned(before: Path, after: Path) -> None:
    """The tuned readers of needs and of what is sensitive read words alone, with a transformer that lies beside all heads: training
    keeps each beside its new head where it still is worth it."""
    for name in ("", *_READ_AGAIN):
        take_away(after / name)
        if (before / name / TUNED).is_dir():
            (after / name).mkdir(parents=True, exist_ok=True)
            put_beside(after / name, before / name / TUNED)
            # What the card says is of other figures.
            (after / name / TUNED / "README.md").unlink(missing_ok=True)


def _labelled(pairs: Sequence[tuple[str, str]], base: KnowledgeBase) -> list[LabelledQuestion]:
    kept = [(query, base.articles[name]) for query, name in pairs if not trains(query)]
    return [LabelledQuestion(f"accepted-{number}", (query,), (article.kind,), (article.id,), None, article.category)
            for number, (query, article) in enumerate(kept)]
