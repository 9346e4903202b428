"""Questions that lean on the conversation: what 那科创板呢, 要等多久 and 不是这个 may stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.reply import Choice, Context
from knowledge.lexicon import Lexicon
from knowledge.text import content, normalize

__all__ = ["FullQuestion", "Leaning", "lean", "picked_choice"]

_ORDINALS = {"1": 0, "一": 0, "第一": 0, "第一个": 0, "第1个": 0, "前者": 0, "前面": 0, "前面那个": 0, "上面": 0, "上面那个": 0, "2": 1, "二": 1, "第二": 1, "第二个": 1, "第2个": 1, "后者": 1,
             "后面": 1, "后面那个": 1, "下面": 1, "下面那个": 1, "3": 2, "三": 2, "第三": 2, "第三个": 2, "第3个": 2, "4": 3, "四": 3, "第四": 3, "第四个": 3, "第4个": 3, "最后一个": -1}
_WRONG = re.compile(r"^(?:(?:不是|不对|错了|不是这个|不是这意思|你?理解错了?|答错了?|不是我(?:想|要)?问的|我(?:想)?问的不是这个|我不是(?:问|说)这个|不是说这个|搞错了|(?:打|说|问|写)(?:错|反)字?了)(?:这个|那个|这意思|这个意思|呀|啊|吧|了|的|,|，|。|\s)*)+")
# A clause that only says what is not meant: 不是两融,… and …,不是银行卡.
_DENIED = re.compile(r"(?:^|[,。;!?\s])(?:不|唔)(?:是|系)[^,。;!?\s]{1,12}(?=[,。;!?\s]|$)")
_ASK_AGAIN = re.compile(r"^[,。;!?\s]*(?:我|我是|我是想|我想|我要|是)?(?:问|说|想知道|想问|指|讲|了解)?的?(?:是|系|的是)?")
_THEN = re.compile(r"^(?:那么|那|还有|另外|然后|哦|好的?|嗯|再问(?:一下)?|顺便问(?:一下)?|如果|要是|换成)+")
_POINTS = re.compile(r"(?:它|他|这个|那个|这样|这种|这|该)(?!怎么(?:开|买|卖)户)")
_SHORT = 9
# Longer messages say themselves what they are about; longer topics are cut, so that a long conversation keeps a short one.
_LONGEST_LEANING, _LONGEST_TOPIC = 20, 24
# Words that ask; a message without any tells something, and what it tells belongs to the last question.
_ASKS = re.compile(r"怎|咋|如何|点样|什么|啥|吗|么|多少|多久|多大|多长|几|哪|谁|为何|何时|能|可以|行不|要不|有没|会不|不$|伐$|没有$|还")
# The question in a question: what is left without it is the topic.
_QUESTION = re.compile(r"(?:怎么|怎样|如何|咋个?|点样|为什么|为啥|为何|在?哪(?:里|儿|天)?|什么(?:时候|条件|意思)?|有?啥(?:时候|意思|条件)?|多少|多久|几[天点]|是|吗|呢|不|么|的|了|要|能|可以|想|我|办|弄|整|做|操作|设置?)+")
# Asks of something else what was asked before: 基金的呢, 债券的也一样?
_POINTS_BACK = re.compile(r"(?:呢|捏|咧|呐|一样)[吗嘛不?？。!！~ ]*$")
# Groups of acts: they say what is done, not to what, so that a question with nothing else leans on the last one.
_ACTS = frozenset(("switch", "direction", "transfer"))
# A short question that asks for a side of something without saying of what.
_SIDE = re.compile(r"^(?:要|需要|得|会|能|可以|大概|一般|最少|最多|具体|都|还|有)*(?:等|花|收|准备|带|用|交|满足)?(?:多久|多长时间|几天|几个工作日|什么时候|啥时候|何时|几点|多少钱?|几块|贵吗|贵不贵|收费吗|要钱吗|免费吗|什么条件|啥条件|条件(?:是)?(?:什么|呢)?|门槛(?:是)?(?:多少|呢)?|什么材料|啥材料|材料|资料|流程(?:是)?(?:什么|呢)?|步骤|怎么(?:办|弄|操作|做|开|开通|办理|申请|算|收|收费|买|卖|取消|关|查)|咋(?:办|弄|整|开)|在哪(?:里|儿)?(?:办|弄|看|查|开|操作|申请)?|哪里(?:办|弄|看|查|开)?|为什么|为啥|安全吗|有风险吗|风险(?:大吗|呢)?|可以(?:吗|取消吗|退吗|线上办吗|网上办吗|手机办吗)|能(?:取消|退|网上办|手机办|线上办|代办)(?:吗|么|不)?|要本人(?:去)?吗|必须本人吗|什么意思|生效|到账)(?:呢|吗|啊|呀|能?(?:开通|生效|到账|办好|办完|下来|完成)|才能?(?:开通|生效|到账|办好|下来|用|好)|可以(?:用|好))*$")


@dataclass(frozen=True, slots=True)
class FullQuestion:
    """A question that a message may stand for. `may_repeat`: the article given last may answer it too."""

    text: str
    may_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Leaning:
    """How a message leans on the conversation.

    `words` is the message without a refusal of the last answer or of a wrong reading; `questions` are the full questions
    it may stand for, likeliest first. `asks`: the words ask something, and of something that they name; `points_back`: they
    ask what was asked before of something else. `refused` is an article that the client has just said was wrong.
    """

    words: str
    questions: tuple[FullQuestion, ...] = ()
    asks: bool = True
    points_back: bool = False
    refused: str | None = None
    refuses_only: bool = False


def picked_choice(text: str, context: Context) -> Choice | None:
    """The choice that a message picks: by its words, its place or its number."""
    if not context.choices:
        return None
    said = content(normalize(text))
    for choice in context.choices:
        if said == content(normalize(choice.title)):
            return choice
    place = _ORDINALS.get(said.removeprefix("选").removesuffix("吧"))
    if place is None or place >= len(context.choices):
        return None
    return context.choices[place]


def lean(text: str, context: Context, lexicon: Lexicon) -> Leaning:
    """How a normalised, repaired message leans on what was said before."""
    if not context.question:
        return Leaning(text)
    words, refused = _without_refusal(text)
    if refused and len(words) < 2:
        return Leaning(text, refused=context.article_id or None, refuses_only=True)
    given = (context.article_id or None) if refused else None
    said = content(words)
    if len(said) > _LONGEST_LEANING:
        return Leaning(words, refused=given)
    named = _named_question(said, context.question, lexicon)
    topic = _QUESTION.sub("", context.question)[:_LONGEST_TOPIC]
    joined = [FullQuestion(f"{start} {said}") for start in (context.question[:2 * _LONGEST_TOPIC], topic) if len(start) > 1]
    asks = bool(_ASKS.search(said)) and not _POINTS.search(said)
    points_back = not asks and bool(_POINTS_BACK.search(words))
    return Leaning(words, tuple(dict.fromkeys([*([named] if named else []), *joined])), asks, points_back, given)


def _without_refusal(text: str) -> tuple[str, bool]:
    """The words without what they refuse, and whether they refuse the last answer."""
    meant = _DENIED.sub(" ", text)
    kept = meant if len(content(meant)) > 1 and meant.strip() else text
    refusal = _WRONG.match(kept)
    rest = kept[refusal.end():] if refusal else kept
    if refusal or kept != text:
        rest = _ASK_AGAIN.sub("", rest.strip()).strip()
    return rest, bool(refusal or kept != text)


def _named_question(said: str, question: str, lexicon: Lexicon) -> FullQuestion | None:
    """The question that plain rules find: the last one with its term swapped, or its topic with the side now asked for."""
    bare = _THEN.sub("", said).strip()
    led = bare != said
    tail = re.sub(r"(?:呢|吗|嘛|咋样|怎么样|也是吗|也一样吗|一样吗|可以吗|行吗|行不行)+$", "", bare)
    swapped = _swap(tail, question, lexicon)
    if swapped and (led or bare.endswith("呢") or len(bare) <= _SHORT) and _says_only_topic(tail, lexicon):
        return FullQuestion(swapped, may_repeat=True)
    if len(bare) <= _SHORT + 3 and not _subjects(bare, lexicon) and (_SIDE.match(bare) or _POINTS.search(bare) or led):
        topic = _topic_of(question, lexicon)
        return FullQuestion(f"{topic}{_POINTS.sub('', bare)}" if topic else f"{question} {bare}")
    return None


def _topics(text: str, lexicon: Lexicon) -> list[str]:
    """Terms of the trade in a text that can carry a question, longest first and not inside each other."""
    found: list[str] = []
    for term in sorted(lexicon.group_of, key=len, reverse=True):
        if len(term) > 1 and term in text and not any(term in longer for longer in found):
            found.append(term)
    return found


def _subjects(text: str, lexicon: Lexicon) -> list[str]:
    """Terms that say what a question is about, acts left out."""
    return [term for term in _topics(text, lexicon) if lexicon.group_of[term] not in _ACTS]


def _says_only_topic(tail: str, lexicon: Lexicon) -> bool:
    """Whether next to nothing is said besides a term of the trade."""
    rest = tail
    for term in _topics(tail, lexicon):
        rest = rest.replace(term, "")
    return len(rest) <= 3


def _swap(tail: str, question: str, lexicon: Lexicon) -> str | None:
    """The last question with its term replaced by the one of the same group that the client now names."""
    for term in _topics(tail, lexicon):
        group = lexicon.group_of[term]
        for old in _topics(question, lexicon):
            if lexicon.group_of[old] == group and old != term:
                return question.replace(old, term)
    return None


def _topic_of(question: str, lexicon: Lexicon) -> str:
    """What the last question was about: its terms, with the act when it names one."""
    topics = _subjects(question, lexicon)
    if not topics:
        return ""
    acts = [act for act in ("开通", "开户", "销户", "转户", "取消", "关闭", "申购", "赎回", "转出", "转入", "转账", "激活", "修改", "办理", "注销", "解绑", "更换")
            if act in question and act not in topics[0]]
    return topics[0] + (acts[0] if acts else "")
