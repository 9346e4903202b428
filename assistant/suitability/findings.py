"""What a verdict says: reasons against an offer with what would change them, and steps before a sale. In Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from assistant.suitability.rules import Rule
from assistant.suitability.terms import TradingPermission

__all__ = ["REASONS", "REMEDIES", "STEPS", "Finding", "Remedy", "reason", "step"]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would change a reason against an offer. Staff may name it, and may not do it for the client."""

    code: str
    text: str
    text_en: str
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason against an offer, or a step before a sale.

    `code` is stable; of `rules`, those that hold on that day, the first decides. `special` marks the steps that go beyond
    what is due to every client. `details` says which, as texts: {"permissions": ["star"]}.
    """

    code: str
    text: str
    text_en: str
    rules: tuple[Rule, ...]
    remedy: Remedy | None = None
    special: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Words:
    rules: tuple[str, ...]
    text: str
    text_en: str
    remedy: str | None = None
    special: bool = False


REMEDIES: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "assess": (
        "know_and_match",
        "客户本人完成风险测评，以新的结果重新判断。",
        "The client completes a risk assessment in person; judge again by its result."),
    "open_permission": (
        "admission",
        "客户申请并开通所需权限，条件以交易所和公司规定为准。",
        "The client applies for what is missing, on the exchange's and the firm's conditions."),
    "confirm_qualified": (
        "qualified_only",
        "公司完成合格投资者确认。",
        "The firm confirms the client as a qualified investor."),
    "become_professional": (
        "conversion",
        "客户属于第八条的专业投资者，或者自愿书面申请转化并经公司同意。",
        "The client is a professional investor by article 8, or applies in writing and the firm agrees."),
    "own_initiative_only": (
        "own_initiative",
        "不得推介。仅当客户在被告知不适合后主动要求、经特别书面风险警示仍坚持时，另行按第十九条和公司程序办理；这不是推介的理由。",
        "It may not be offered. Only a client who asks on their own initiative after being told, and insists after a special written "
        "warning, is served by article 19 and the firm's own procedure; that is no ground for an offer."),
    "none": (
        "lowest_class",
        "没有：销售本身也被禁止。",
        "Nothing: a sale is forbidden as well."),
    "restate_goals": (
        "",
        "客户本人在风险测评中更新投资目标。",
        "The client states other goals in a new assessment."),
    "on_sale_again": (
        "",
        "产品恢复销售。",
        "The product is on sale again."),
    "ask_compliance": (
        "",
        "请公司合规确认当日适用的规则。",
        "Ask compliance which rules hold on that day."),
    "complete_record": (
        "",
        "补全测评日期和有效期。",
        "Complete the day and the expiry of the assessment."),
})

REASONS: Mapping[str, _Words] = MappingProxyType({
    "rules_unknown": _Words(
        (),
        "没有当日适用的适当性规则。",
        "No suitability rules are known for that day.", "ask_compliance"),
    "not_on_sale": _Words(
        ("contract",),
        "产品当前不在售。",
        "The product is not on sale.", "on_sale_again"),
    "permission_missing": _Words(
        ("admission",),
        "客户没有所需的交易权限：{permissions}。",
        "The client lacks trading permissions: {permissions}.", "open_permission"),
    "not_qualified": _Words(
        ("admission", "qualified_only"),
        "仅限合格投资者，客户没有有效的合格投资者确认。",
        "For qualified investors only; the client has no valid confirmation.", "confirm_qualified"),
    "not_professional": _Words(
        ("admission", "professional"),
        "仅限专业投资者。",
        "For professional investors only.", "become_professional"),
    "assessment_missing": _Words(
        ("know_and_match", "information_refused"),
        "客户没有风险测评结果，先测评。",
        "The client has no risk assessment: assess first.", "assess"),
    "assessment_undated": _Words(
        ("know_and_match", "firm_policy"),
        "测评没有日期或有效期，不能确认是否仍然有效。",
        "The assessment has no day or no expiry, so it can't be known to count.", "complete_record"),
    "assessment_not_yet": _Words(
        ("know_and_match",),
        "测评日期晚于判断日期。",
        "The assessment is later than the day of judgement.", "complete_record"),
    "assessment_expired": _Words(
        ("kept_up_to_date", "firm_policy"),
        "风险测评已过期，先重新测评。",
        "The risk assessment has expired: assess first.", "assess"),
    "lowest_class": _Words(
        ("lowest_class", "lowest_class_who"),
        "客户属于风险承受能力最低类别，只能匹配 R1。",
        "The client is in the lowest class, which matches R1 only.", "none"),
    "maybe_minor": _Words(
        ("lowest_class", "lowest_class_who", "minor"),
        "客户可能未满十八周岁，按最低类别处理，只能匹配 R1。",
        "The client may be under 18, and so counts as the lowest class, which matches R1 only.", "none"),
    "risk_too_high": _Words(
        ("no_higher_risk", "matching_table"),
        "产品风险等级 {risk} 高于客户 {level} 可匹配的 {highest}。",
        "The product's {risk} is above {highest}, the most that {level} matches.", "own_initiative_only"),
    "elder_limit": _Words(
        ("firm_policy",),
        "公司对年长客户的上限是 {highest}。",
        "For elders the firm goes no higher than {highest}.", "own_initiative_only"),
    "term_too_long": _Words(
        ("no_other_goal", "goals_match"),
        "产品期限长于客户的拟投资期限。",
        "The product's term is longer than the client wishes.", "restate_goals"),
    "kind_not_wished": _Words(
        ("no_other_goal", "goals_match"),
        "产品不属于客户的拟投资品种。",
        "The product is of a kind that the client does not wish.", "restate_goals"),
    "loss_not_accepted": _Words(
        ("no_other_goal", "goals_match"),
        "产品亏损可能超过本金，客户不接受。",
        "More than the principal may be lost, which the client does not accept.", "restate_goals"),
})

STEPS: Mapping[str, _Words] = MappingProxyType({
    "inform": _Words(
        ("inform", "matching_opinion"),
        "销售前告知第二十三条所列事项和适当性匹配意见。",
        "Before the sale tell what article 23 lists, and the opinion on suitability."),
    "confirm_in_writing": _Words(
        ("in_writing",),
        "告知、警示以书面形式送达，由客户确认理解和接受。",
        "Information and warnings go out in writing, and the client confirms them."),
    "record_on_site": _Words(
        ("recording",),
        "现场办理：告知、警示全过程录音或者录像（双录）。",
        "At a branch: record information and warnings in full, by sound or video.", special=True),
    "record_if_on_site": _Words(
        ("recording",),
        "如在营业网点办理，告知、警示全过程录音或者录像（双录）；线上由客户电子确认。",
        "At a branch record information and warnings in full; elsewhere the client confirms electronically."),
    "confirm_remotely": _Words(
        ("recording",),
        "非现场办理：留痕，由客户以电子方式确认。",
        "Away from a branch: keep the trace, and have the client confirm electronically."),
    "high_risk_care": _Words(
        ("high_risk_care", "firm_policy"),
        "高风险产品：走专门程序，追加了解信息，告知特别风险点，给更多考虑时间或者增加回访。",
        "High risk: the special procedure, further questions, the special risks, more time to consider or further calls "
        "back.", special=True),
    "warn_beyond_principal": _Words(
        ("inform",),
        "特别警示：亏损可能超过投入的本金。",
        "Warn: more than the principal may be lost.", special=True),
    "elder_care": _Words(
        ("firm_policy",),
        "年长客户：按公司制度特别关注，确认本人理解和意愿。",
        "An elder: take the firm's special care, and make sure of understanding and free will.", special=True),
    "confirm_goals": _Words(
        ("goals_match",),
        "客户的投资期限、品种或可承受损失不明，先向客户核实并记录。",
        "Term, kind or bearable loss is not on record: ask the client first, and record it.", special=True),
    "confirm_amount": _Words(
        ("contract",),
        "起点金额 {minimum} 元高于客户在本公司的资产，先核实客户是否有可投资的金额。",
        "The minimum of {minimum} yuan is more than the client's assets here: ask first.", special=True),
    "cooling_off": _Words(
        ("contract",),
        "投资冷静期不少于 {hours} 小时，期间不主动联系。",
        "A cooling-off period of {hours} hours at least, without contact.", special=True),
    "renew_class": _Words(
        ("kept_up_to_date", "firm_policy"),
        "档案中的测评已过期，先核实客户的分类是否仍然适用。",
        "The assessment on record has expired: check first that the client's class still holds.", special=True),
    "disclose": _Words(
        ("know_and_match",),
        "如实说明产品，充分揭示风险。",
        "Describe the product truly and disclose its risks in full."),
})


def reason(code: str, rules: Mapping[str, Rule], **details: Any) -> Finding:
    """A reason against an offer, in the words of REASONS."""
    return _finding(code, REASONS[code], rules, REASONS[code].remedy, details)


def step(code: str, rules: Mapping[str, Rule], **details: Any) -> Finding:
    """A step before a sale, in the words of STEPS."""
    return _finding(code, STEPS[code], rules, None, details)


def _finding(code: str, words: _Words, rules: Mapping[str, Rule], remedy: str | None, details: dict[str, Any]) -> Finding:
    codes = details.get("permissions", [])
    named = {**details, "permissions": "、".join(TradingPermission(code).title for code in codes)}
    in_english = {**details, "permissions": ", ".join(codes)}
    return Finding(
        code, words.text.format(**named), words.text_en.format(**in_english),
        tuple(rules[name] for name in words.rules if name in rules), _remedy(remedy, rules) if remedy else None, words.special, details)


def _remedy(code: str, rules: Mapping[str, Rule]) -> Remedy:
    rule, text, text_en = REMEDIES[code]
    return Remedy(code, text, text_en, rules.get(rule))
