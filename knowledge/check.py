"""Everything that must hold before knowledge may answer a client. `python -m knowledge.check [--category NAME]`."""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.articles import Article, KnowledgeBase, parse_article
from knowledge.errors import ArticleInvalid, FactUnavailable, KnowledgeError, PlaceholderUnknown
from knowledge.template import placeholders, unmarked_numbers
from knowledge.text import content, normalize

__all__ = ["Finding", "check", "check_article", "forbidden_wording", "says_nothing", "unanswerable"]

MAX_QUESTION = 40
MAX_ANSWER = 520
MAX_FIRST_SENTENCE = 75
MIN_SIMILAR = 8
_FORBIDDEN = re.compile(r"保本|稳赚|稳赢|无风险|零风险|包赚|包赢|承诺收益|保证收益|保证盈利|必涨|稳定盈利|只赚不赔|刚性兑付|抄底|翻倍")
_DENIED = re.compile(r"(不|未|无|非|没有|并非|不得|不能|不会|禁止|严禁|不可|从不|拒绝|别信|凡|称|自称|宣称|所谓|声称|任何|“|包括|不存在|谁|如)[^。；！]{0,14}$")
_DENIED_AFTER = re.compile(r"^[^。；！]{0,16}(不可信|诈骗|骗|违规|违法|不合规|都不|是假|不是|风险|不受|警惕|拒绝|字眼|话术|”)")
_SECRETS = re.compile(r"(请|麻烦)(您)?(提供|告知|发送|告诉)[^。；]{0,8}(密码|验证码)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `severity` is error or warning; `line` counts from 1, 0 where no line is meant."""

    severity: str
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message}"


def check(root: Path | None = None, *, today: date | None = None, intents: Path | None = None) -> list[Finding]:
    """All findings for the knowledge below `root` (default: the shipped one), on `today`."""
    root = root or Path(__file__).parent
    today = today or date.today()
    findings: list[Finding] = []
    for path in sorted((root / "base").glob("*/*.md")):
        try:
            article = parse_article(path.read_text(encoding="utf-8"), name=path.name)
        except (ArticleInvalid, UnicodeDecodeError) as error:
            findings.append(Finding("error", _relative(path, root), 1, " ".join(str(error).split())))
            continue
        if path.stem != article.id or path.parent.name != article.category:
            findings.append(Finding("error", _relative(path, root), 2, "file must be base/CATEGORY/ID.md"))
    if findings:
        return findings
    try:
        base = KnowledgeBase.load(root)
    except KnowledgeError as error:
        return [Finding("error", "knowledge", 0, " ".join(str(error).split()))]
    checker = _Checker(base, root, today, _intent_names(intents))
    return [*checker.facts(), *checker.articles(), *checker.questions()]


def check_article(article: Article, base: KnowledgeBase, today: date, *, intents: Path | None = None) -> list[tuple[str, str, str]]:
    """(severity, field, message) for one article within a base, wherever the two come from."""
    checker = _Checker(base, Path(), today, _intent_names(intents))
    fields = set(Article.model_fields)
    return [(severity, where.rstrip(":") if where.rstrip(":") in fields else "body", message)
            for severity, where, message in (*checker._header(article), *checker._answer(article))]


def unanswerable(article: Article, base: KnowledgeBase) -> Iterator[str]:
    """Why an answer could not be worded: placeholders that stand for nothing, or for what is not confirmed."""
    for item in placeholders(article.body):
        fact = base.facts.get(item.name)
        if item.scope == "unknown":
            yield f"unknown placeholder {item.name}"
        elif item.scope == "firm" and item.name not in base.firm:
            yield f"unknown firm variable {item.name}"
        elif item.scope == "fact" and (fact is None or fact.certainty == "pending"):
            yield f"the fact {item.name} does not exist, or is not confirmed"


def forbidden_wording(article: Article, base: KnowledgeBase, day: date) -> Iterator[str]:
    """What an answer, as it reads on `day`, may never say to a client."""
    yield from (message for _, message in _forbidden_in(_worded(article, base, day) or ""))


def says_nothing(article: Article, base: KnowledgeBase, day: date) -> Iterator[str]:
    """Whether nothing is left of an answer, on `day`, for a client of whom nothing is known."""
    if _worded(article, base, day) == "":
        yield "nothing is left of the answer for a client of whom nothing is known"


def _worded(article: Article, base: KnowledgeBase, day: date) -> str | None:
    """An answer as it reads on `day`; None where it can't be worded."""
    try:
        return base.render(article, day).text
    except (FactUnavailable, PlaceholderUnknown):
        return None


def _forbidden_in(text: str) -> Iterator[tuple[str, str]]:
    """(the words, what is wrong)."""
    for match in _FORBIDDEN.finditer(text):
        if not (_DENIED.search(text[:match.start()]) or _DENIED_AFTER.search(text[match.end():])):
            yield match.group(), f"forbidden wording: {match.group()}"
    if _SECRETS.search(text):
        yield "", "an answer never asks for a password or code"


def _intent_names(path: Path | None) -> set[str] | None:
    """Leaves of the catalogue, which the layer above owns; None (not checked) where it is not found."""
    path = path or Path(__file__).parent.parent / "intents" / "catalogue.toml"
    if not path.is_file():
        return None
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{category}.{leaf}" for category, leaves in tree.items() for leaf in leaves}


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root))


class _Checker:
    def __init__(self, base: KnowledgeBase, root: Path, today: date, intents: set[str] | None) -> None:
        self.base, self.root, self.today, self.intents = base, root, today, intents

    def facts(self) -> Iterator[Finding]:
        for fact in self.base.facts.values():
            for earlier, later in fact.overlaps():
                yield self._fact(f"{fact.name}: {earlier.value} and {later.value} claim the same day")
            for value in fact.values:
                for source in value.sources:
                    if source not in self.base.sources:
                        yield self._fact(f"{fact.name}: unknown source {source}")

    @staticmethod
    def _fact(message: str) -> Finding:
        return Finding("error", "facts", 0, message)

    def articles(self) -> Iterator[Finding]:
        for article in self.base.articles.values():
            lines = _Lines(self.root / "base" / article.category / f"{article.id}.md")
            for severity, where, message in (*self._header(article), *self._answer(article)):
                yield Finding(severity, f"base/{article.category}/{article.id}.md", lines.of(where), message)

    def _header(self, article: Article) -> Iterator[tuple[str, str, str]]:
        if self.intents is not None and article.intent not in self.intents:
            yield "error", "intent:", f"unknown intent {article.intent}"
        if len(article.question) > MAX_QUESTION:
            yield "error", "question:", f"standard question of {len(article.question)} characters, at most {MAX_QUESTION}"
        if article.kind in ("answer", "smalltalk", "decline") and len(article.similar) < MIN_SIMILAR:
            yield "error", "similar:", f"{len(article.similar)} similar questions, at least {MIN_SIMILAR}"
        if article.effective_to and article.effective_to < self.today:
            yield "error", "effective_to:", f"expired on {article.effective_to}"
        if article.review_by and article.review_by < self.today:
            yield "warning", "review_by:", f"was to be reviewed by {article.review_by}"
        for field, known in (("sources", self.base.sources), ("related", self.base.articles), ("choices", self.base.articles)):
            for name in getattr(article, field):
                if name not in known:
                    yield "error", f"{field}:", f"{field}: {name} does not exist"
        if article.id in article.related:
            yield "error", "related:", "related to itself"
        if article.kind == "clarify" and article.similar and not 2 <= len(article.choices) <= 4:
            yield "error", "choices:", "a clarify article has two to four choices"
        for name in article.sources:
            source = self.base.sources.get(name)
            if source and source.effective_to and source.effective_to < self.today:
                yield "error", "sources:", f"{name} ended on {source.effective_to}"

    def _answer(self, article: Article) -> Iterator[tuple[str, str, str]]:
        if not article.body.isprintable() and re.search(r"[\x00-\x09\x0b-\x1f]", article.body):
            yield "error", "", "control characters in the answer"
        if re.search(r"^(#|\|)|<[a-zA-Z/!]|!\[", article.body, re.MULTILINE):
            yield "error", "", "headings, tables, pictures and HTML do not belong in an answer"
        for item in placeholders(article.body):
            if item.scope == "unknown":
                yield "error", item.name, f"unknown placeholder {item.name}"
            elif item.scope == "firm" and item.name not in self.base.firm:
                yield "error", item.name, f"unknown firm variable {item.name}"
            elif item.scope == "fact":
                yield from self._quoted(article, item.name)
        for number in unmarked_numbers(article.body):
            yield "error", number, f"the number {number} comes from no fact and is not marked as a literal"
        yield from (("error", "", message) for message in says_nothing(article, self.base, self.today))
        yield from self._wording(article)

    def _quoted(self, article: Article, name: str) -> Iterator[tuple[str, str, str]]:
        fact = self.base.facts.get(name)
        if fact is None:
            yield "error", name, f"unknown fact {name}"
            return
        if fact.certainty == "pending":
            yield "error", name, f"the fact {name} is not confirmed and may not be quoted"
        if fact.on(self.today) is None:
            yield "error", name, f"the fact {name} has no value today"
        if article.effective_from < fact.first_day:
            yield "error", "effective_from:", f"before the first day of the fact {name} ({fact.first_day})"

    def _wording(self, article: Article) -> Iterator[tuple[str, str, str]]:
        text = _worded(article, self.base, self.today)
        if text is None:
            return
        plain = re.sub(r"[*`\s]|^- |\[|\]\(https:[^)]*\)", "", text, flags=re.MULTILINE)
        if len(plain) > MAX_ANSWER:
            yield "error", "", f"answer of {len(plain)} characters, at most {MAX_ANSWER}"
        first = re.split(r"[。！？；\n]", text.strip(), maxsplit=1)[0]
        if len(first) > MAX_FIRST_SENTENCE:
            yield "error", "", f"first sentence of {len(first)} characters, at most {MAX_FIRST_SENTENCE}"
        for words, message in _forbidden_in(text):
            yield "error", words, message

    def questions(self) -> Iterator[Finding]:
        """Similar questions that stand twice: within an article a warning, in two articles an error."""
        owners: dict[str, list[tuple[Article, str]]] = defaultdict(list)
        for article in self.base.articles.values():
            for question in (article.question, *article.similar):
                owners[content(normalize(question))].append((article, question))
        for uses in owners.values():
            for article, question in uses[1:]:
                other = uses[0][0]
                severity = "warning" if other.id == article.id else "error"
                where = "in the same article" if other.id == article.id else f"in {other.category}/{other.id}"
                path = self.root / "base" / article.category / f"{article.id}.md"
                yield Finding(severity, f"base/{article.category}/{article.id}.md", _Lines(path).of(question),
                              f"“{question}” stands also {where}")


class _Lines:
    """Finds the line of a file that a finding is about."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def of(self, needle: str) -> int:
        if not needle:
            return 1
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            if needle in line:
                return number
        return 1


def _report(findings: Iterable[Finding], category: str | None) -> int:
    shown = [item for item in findings if category is None or item.path.startswith((f"base/{category}/", "facts", "knowledge"))]
    for finding in shown:
        print(finding)
    errors = sum(item.severity == "error" for item in shown)
    print(f"{errors} errors, {len(shown) - errors} warnings")
    return 1 if errors else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m knowledge.check", description="Validate the knowledge base.")
    parser.add_argument("--category", help="only the findings of one category")
    sys.exit(_report(check(), parser.parse_args().category))
