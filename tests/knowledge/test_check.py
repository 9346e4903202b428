"""`zhike kb check`: each rule finds what it is for, and the shipped base has no errors."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from knowledge.articles import KnowledgeBase, article_to_markdown, parse_article
from knowledge.check import check

TODAY = date(2026, 11, 24)
SIMILAR = "\n".join(f"  - 问法之{word}" for word in "甲乙丙丁戊己庚辛")
ARTICLE = f"""---
id: stamp-duty
category: fees
intent: fees.stamp
question: 印花税收多少？
similar:
{SIMILAR}
sources: [law]
effective_from: 2023-08-28
effective_to:
related: []
---
卖出时按成交额的 {{{{fact.stamp}}}} 收取，买入不收。

- 如有疑问请拨 {{{{firm.hotline}}}}。
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "base" / "fees").mkdir(parents=True)
    (tmp_path / "facts").mkdir()
    (tmp_path / "base/fees/stamp-duty.md").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "sources.toml").write_text('[law]\ntitle = "法"\nissuer = "国"\neffective_from = 2022-07-01\n', encoding="utf-8")
    (tmp_path / "firm.toml").write_text('hotline = "400"\n', encoding="utf-8")
    (tmp_path / "facts/fees.toml").write_text(
        '[stamp]\ntitle = "率"\ncertainty = "verified"\nvalues = [{ value = "0.05%", from = 2023-08-28, sources = ["law"] }]\n', encoding="utf-8")
    return tmp_path


def messages(root: Path) -> str:
    return "\n".join(map(str, check(root, today=TODAY)))


def change(root: Path, old: str, new: str, name: str = "base/fees/stamp-duty.md") -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_base_has_no_findings(root):
    assert messages(root) == ""


@pytest.mark.parametrize(("old", "new", "says"), [
    ("id: stamp-duty", "id: other", "file must be"), ("intent: fees.stamp", "intent: fees.none", "unknown intent"),
    ("effective_to:", "effective_to: 2026-01-01", "expired"), ("sources: [law]", "sources: [none]", "does not exist"),
    ("related: []", "related: [none]", "does not exist"), ("related: []", "related: [stamp-duty]", "related to itself"),
    ("{{firm.hotline}}", "{{firm.none}}", "unknown firm variable"), ("{{firm.hotline}}", "{{client.hotline}}", "unknown placeholder client.hotline"),
    ("{{fact.stamp}}", "{{fact.none}}", "unknown fact"),
    ("{{fact.stamp}}", "0.05%", "comes from no fact"), ("买入不收。", "稳赚。", "forbidden wording"),
    ("买入不收。", "买入不收" + "。很长很长" * 120, "at most"), ("卖出时按成交额的", "卖出时" * 30, "first sentence"),
    ("  - 问法之甲\n", "", "at least 8"), ("question: 印花税收多少？", "question: " + "长" * 50, "standard question"),
    ("effective_from: 2023-08-28", "effective_from: 2020-01-01", "before the first day"), ("- 如有", "# 如有", "do not belong"),
    ("- 如有疑问", "- 请提供您的密码，如有疑问", "never asks"), ("问法之乙", "问法之甲", "in the same article"), ("similar:", "similarity:", "similarity"),
])
def test_each_rule_finds_what_it_is_for(root, old, new, says):
    change(root, old, new)
    assert says in messages(root)


def test_denied_wording_is_allowed(root):
    change(root, "买入不收。", "本公司不承诺收益，也不保本。")
    assert messages(root) == ""


def test_one_question_in_two_articles_is_an_error(root):
    (root / "base/fees/second.md").write_text(ARTICLE.replace("id: stamp-duty", "id: second").replace("印花税收多少？", "另一问？"), encoding="utf-8")
    assert "stands also in fees/" in messages(root)


def test_facts_that_ended_or_are_unconfirmed_may_not_be_quoted(root):
    change(root, "from = 2023-08-28,", "from = 2023-08-28, to = 2026-01-01,", "facts/fees.toml")
    assert "has no value today" in messages(root)
    change(root, '"verified"', '"pending"', "facts/fees.toml")
    assert "not confirmed" in messages(root)


def test_findings_name_file_and_line(root):
    change(root, "{{firm.hotline}}", "{{firm.none}}")
    finding = check(root, today=TODAY)[0]
    assert finding.path == "base/fees/stamp-duty.md"
    assert "{{firm.none}}" in (root / finding.path).read_text(encoding="utf-8").splitlines()[finding.line - 1]


def test_markdown_goes_out_and_comes_back_the_same(root):
    article = parse_article((root / "base/fees/stamp-duty.md").read_text(encoding="utf-8"), name="x")
    assert parse_article(article_to_markdown(article), name="x") == article


def test_the_shipped_base_is_sound_and_broad():
    findings = [finding for finding in check() if finding.severity == "error"]
    assert findings == []
    base = KnowledgeBase.load()
    assert sum(article.kind == "answer" for article in base.articles.values()) >= 400


def test_one_change_of_a_rule_reaches_every_answer_that_quotes_it():
    base = KnowledgeBase.load()
    fact = next(fact for fact in base.facts.values() if len(fact.values) > 1 and len(base.quoted_by(fact.name)) > 1 and fact.on(TODAY))
    changed = fact.on(TODAY)
    for name in base.quoted_by(fact.name):
        assert changed.value in base.render(base.articles[name], TODAY).text


def test_the_shipped_base_goes_out_and_comes_back_the_same(tmp_path):
    shutil.copytree(Path(__file__).parents[2] / "knowledge" / "facts", tmp_path / "facts")
    for article in KnowledgeBase.load().articles.values():
        assert parse_article(article_to_markdown(article), name=article.id) == article
