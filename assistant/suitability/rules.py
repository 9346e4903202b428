"""The rules that verdicts rest on, as data: each with its source, paragraph and the days on which it holds.

`verified`: the wording was read, in the law itself or quoted in full by public material. `common`: settled practice that
several firms publish, while the number of the paragraph was not read. `firm`: what the firm or the product's contract
says. A rule that changes gets a further entry with the same id, and the older one its last day.

The wording of 第130号令 was read in the version of 2017. It was amended in 2020 and 2022; those texts were not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["RULES", "Certainty", "Rule", "in_force"]


class Certainty(StrEnum):
    """How sure we are of a rule."""

    VERIFIED = "verified"
    COMMON = "common"
    FIRM = "firm"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. `effective_to` is its last day; `paragraph` is None where it was not read."""

    id: str
    text: str
    title: str
    issuer: str
    number: str | None
    paragraph: str | None
    effective_from: date
    effective_to: date | None = None
    certainty: Certainty = Certainty.VERIFIED

    def holds_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


_CSRC, _SAC = "中国证监会", "中国证券业协会"


def _measures(id: str, paragraph: str, text: str) -> Rule:
    return Rule(id, text, "证券期货投资者适当性管理办法", _CSRC, "证监会令第130号", paragraph, date(2017, 7, 1))


def _guide(id: str, text: str) -> Rule:
    return Rule(id, text, "证券经营机构投资者适当性管理实施指引（试行）", _SAC, "中证协发〔2017〕153号", None,
                date(2017, 7, 1), certainty=Certainty.COMMON)


def _firm(id: str, title: str, text: str) -> Rule:
    return Rule(id, text, title, "本公司", None, None, date(2017, 7, 1), certainty=Certainty.FIRM)


RULES: tuple[Rule, ...] = (
    Rule("know_and_match", "了解客户的身份、财产与收入状况、证券投资经验和风险偏好，根据所了解的客户情况推荐适当的产品或者服务。",
         "证券公司监督管理条例", "国务院", None, "第二十九条", date(2014, 7, 29), date(2020, 2, 29)),
    Rule("know_and_match", "充分了解投资者，如实说明、充分揭示投资风险；销售、提供与投资者状况相匹配的证券、服务。",
         "中华人民共和国证券法", "全国人民代表大会常务委员会", None, "第八十八条第一款", date(2020, 3, 1)),
    Rule("information_refused", "投资者拒绝提供或者未按照要求提供信息的，应当告知其后果，并按照规定拒绝向其销售证券、提供服务。",
         "中华人民共和国证券法", "全国人民代表大会常务委员会", None, "第八十八条第二款", date(2020, 3, 1)),
    _measures("professional", "第八条", "金融机构及其产品、养老和公益基金等，以及达到规定资产、收入和经历的法人与自然人是专业投资者。"),
    _measures("conversion", "第十一条", "达到规定条件的普通投资者可以申请转化成为专业投资者，经营机构有权自主决定是否同意。"),
    _measures("matching_opinion", "第十八条", "根据产品的风险等级判断适合的投资者类型，根据投资者的分类判断适合购买的产品。"),
    _measures("own_initiative", "第十九条",
              "告知不适合后，投资者主动要求购买风险高于其承受能力的产品的，确认其不属于最低类别、作特别的书面风险警示，仍坚持的可以销售。"),
    _measures("high_risk_care", "第二十条",
              "向普通投资者销售高风险产品：专门的工作程序、追加了解信息、告知特别的风险点、更多的考虑时间或者增加回访频次。"),
    _measures("kept_up_to_date", "第二十一条", "根据投资者和产品信息的变化主动调整分类、分级和匹配意见，并告知投资者。"),
    _measures("admission", "第二十二条第（一）项", "禁止向不符合准入要求的投资者销售产品或者提供服务。"),
    _measures("no_higher_risk", "第二十二条第（三）项", "禁止向普通投资者主动推介风险等级高于其风险承受能力的产品或者服务。"),
    _measures("no_other_goal", "第二十二条第（四）项", "禁止向普通投资者主动推介不符合其投资目标的产品或者服务。"),
    _measures("lowest_class", "第二十二条第（五）项",
              "禁止向风险承受能力最低类别的投资者销售或者提供风险等级高于其风险承受能力的产品或者服务。"),
    _measures("inform", "第二十三条", "向普通投资者销售前告知：可能亏损本金、超过本金亏损的事项，权利和期限的限制，以及适当性匹配意见。"),
    _measures("in_writing", "第二十四条", "告知、警示真实、准确、完整，通俗易懂，采用书面形式送达投资者，并由其确认已充分理解和接受。"),
    _measures("recording", "第二十五条",
              "在营业网点向普通投资者告知、警示，应当全过程录音或者录像；非现场方式的，完善留痕，由其以电子方式确认。"),
    _guide("matching_table", "C1（含最低类别）对应 R1，C2 对应 R2 及以下，C3 对应 R3 及以下，C4 对应 R4 及以下，C5 对应 R5 及以下。"),
    _guide("lowest_class_who", "C1 中不具有完全民事行为能力，或者没有风险容忍度、不愿承受任何投资损失的自然人，是风险承受能力最低类别。"),
    _guide("goals_match", "投资期限、投资品种、期望收益等应当符合投资者的投资目标。"),
    Rule("minor", "不满十八周岁的自然人为未成年人，不具有完全民事行为能力（以自己的劳动收入为主要生活来源的十六周岁以上者除外）。",
         "中华人民共和国民法典", "全国人民代表大会", None, "第十七条、第十八条", date(2021, 1, 1), certainty=Certainty.COMMON),
    Rule("qualified_only", "非公开募集基金应当向合格投资者募集，不得向合格投资者之外的单位和个人募集，不得向不特定对象宣传推介。",
         "中华人民共和国证券投资基金法", "全国人民代表大会常务委员会", None, "第八十七条、第九十一条",
         date(2015, 4, 24), date(2023, 8, 31)),
    Rule("qualified_only", "私募基金应当向合格投资者募集或者转让，不得向合格投资者以外的单位和个人募集，不得向不特定对象宣传推介。",
         "私募投资基金监督管理条例", "国务院", None, "第十八条、第二十条", date(2023, 9, 1)),
    _firm("firm_policy", "公司适当性管理制度", "由公司制度规定：测评有效期、高风险产品的范围、年长客户的特别关注、专业投资者的细分。"),
    _firm("contract", "产品合同", "由产品合同和销售文件规定：起点金额、期限、冷静期、销售状态。"),
)


def in_force(day: date) -> Mapping[str, Rule]:
    """The rules that hold on a day, by id."""
    return {rule.id: rule for rule in RULES if rule.holds_on(day)}
