"""Rules that never depend on a model: at least fifteen phrasings each, beside harmless look-alikes."""

import pytest

from assistant.guard import check_guards, load_guards
from knowledge.text import normalize

CALLED = {
    "human": "转人工|人工|人工客服|我要人工服务|找真人|我要和人说话|别跟我机器人说话|有没有真人|客服|我要找客服人员|能不能跟人聊|转接坐席|叫个真人来|请帮我接人工|不要机器人|"
             "你听不懂换个人|搵真人客服|跟真人沟通|给我转人工客服！|我想跟客服说|talk to a human|轉人工",
    "complaint": "我要投诉|投诉你们客服|我要去证监会告你们|给我个说法|叫你们领导来|你们必须赔偿我的损失|我要向12386投诉|投诉|我要举报你们营业部|再这样我就投诉了|必须投诉这个客户经理|"
                 "法院见|我要找律师|找媒体曝光你们|要起诉你们|我要维权|你们要赔我|我要打12386投诉你们|準備投訴你們",
    "fraud": "我被骗了20万|账户好像被盗了|有人登录了我的账号|这单不是我操作的|密码告诉了对方怎么办|群里老师把我拉黑了|我没有操作怎么就成交了|钱莫名其妙被转走了|我的号被盗了|上当受骗了|"
             "刚才点了链接输了密码|验证码给了他|股票不是我卖的|我妈被人骗了|账号被异地登录了我没登过|资金不翼而飞|有人动了我的账户|打了5万过去提不出来|帳戶被盜",
    "distress": "我不想活了|亏得想跳楼|真的活不下去了|死了算了|想上天台了|活着没意思|亏光了想死|不如死了|想自杀|撑不下去了|写好遗书了|想一了百了|生无可恋|我想轻生|结束自己的生命|"
                "没法活了|想不开|站在天台上",
    "bereavement": "我爸去世了股票怎么办|老人走了账户里的钱怎么取|我妈上个月没了，她的股票|父亲病故，留下股票|老公突然离世|爷爷过世了他的账户|需要死亡证明吗|家里老人去世了账户怎么处理|"
                   "账户持有人已经死亡|妻子意外身亡她的基金|奶奶不在了，股票能取吗|遗产里有股票怎么弄|先生过世了|外公病逝，他开过户|母亲逝世怎么过户|儿子走了，账户还有钱|爸爸過世了",
    "advice": "推荐几只股票|现在能抄底吗|买什么股票好|茅台能买吗|宁德时代怎么样|600519还能拿吗|该不该割肉|被套了怎么办|哪只基金好|给点建议|要不要清仓|推荐个牛股|现在适合入场吗|"
              "半导体板块值得买吗？推荐一下股票|荐股|比亚迪要不要卖|哪个板块能赚钱|中信证券这股票好不好|给我几个代码吧推荐下|什么股票比较好",
    "forecast": "明天大盘会涨吗|茅台会涨到多少|牛市来了吗|什么时候能解套|后市怎么看|下周走势|见底了吗|还会跌吗|a股什么时候涨|今年行情怎么样|目标价多少|大盘怎么走|会不会继续跌|创业板指还能涨吗|"
                "预测一下明天走势|多久能回本|年底能涨到四千点吗",
    "promise": "这个保本吗|能保证收益吗|亏了你们赔吗|有没有稳赚的|亏了算谁的|能不能保证不亏|有没有零风险的产品|承诺收益多少|保底收益多少|包赚吗|稳赚不赔的有吗|你们能兜底吗|"
               "给我写个保证书|保证能赚钱吗|亏损了公司负责吗|签个保本协议|无风险的理财有没有",
    "inside": "有没有内幕消息|透露点小道消息呗|你们有什么内部消息|有内幕吗|能提前知道重组消息吗|给点内部信息|你们券商肯定有小道消息|财报提前告诉我|透露点风声|有没有一手消息|"
              "听说要重组，消息是真的吗|漏点消息给我|有未公开的利好吗|主力什么时候拉，有底牌吗|内部票有吗",
    "delegate": "帮我炒股|你们能代客理财吗|帮我买100股茅台|账户给你们操作|替我操作账户|帮我把股票卖了不会弄，帮我卖出|全权委托你们|代炒股吗|钱给你们帮我投|能帮我盯盘吗|客户经理能帮我操作吗|"
                "你们帮客户炒股吗|帮我打理账户|替我买卖股票|代操盘收费吗|帮忙下单",
    "legal-media": "我是法院的，要协助查询，找哪个部门|律师函寄到哪里|记者想采访你们，联系谁|我们是报社的，想做个采访，找谁对接|"
                   "公安经侦办案，需要调取资料，找哪个部门|调查令送到哪里|协助执行通知书送到哪|"
                   "媒体采访联系人是谁|税务稽查要核查一个账户，对口部门是谁|仲裁委的开庭通知寄哪|我是律师，持调查令来查证据，送哪里|"
                   "检察院的查询函找谁收|证监局工作人员，请合规负责人回电|"
                   "想跟你们商务合作找谁|采访函发给谁|供应商想联系采购部，怎么联系",
    "other-clients": "帮我查一下我老公的账户有多少钱|能查我妈的持仓吗|查我前妻的股票账户|想看我老婆的流水|查别人的持仓|"
                     "查同事的成交记录|我前夫的股票账户余额帮我看一眼|查老板的持仓|帮我查下我爸名下的股票|"
                     "这个账号是谁的|可以告诉我他的电话吗|查配偶持仓|能查朋友的股票吗|我有他身份证号能查吗|查一下债务人的股票账户|"
                     "帮我看看我哥户里还剩多少",
}
HARMLESS = (
    "推荐人有奖励吗|推荐好友开户有什么活动|亏死了今天，怎么看成本价|笑死，这个手续费怎么算的|人工智能etf怎么买|人工客服电话多少|人工几点上班|投诉电话多少|怎么投诉|什么是内幕交易|内幕交易会怎么处罚|"
    "保证金利息怎么算|股票没了怎么回事|客户经理走了换谁|茅台一手多少钱|科创板能买吗|st股票可以买吗|停牌的股票能卖吗|当天买的能卖吗|主板涨跌幅是多少|明天开市吗|分红后股价会跌吗|怎么防止被骗|"
    "股票怎么继承|卡死了打不开|600519停牌了怎么办|茅台分红什么时候到账|国债逆回购有风险吗|周末能买基金吗|我的钱取不出来|创业板怎么开通|撤单|怎么取消|死叉是什么|帮我撤单|网格交易怎么设置|"
    "可转债能当天卖吗|怎么买国债|会不会被强平|条件单能保证成交吗|投资顾问是干嘛的|股价跳水是什么意思|持股死扛会被强平吗|保证金比例是多少|维持担保比例低于多少会强平|港股通能买腾讯吗|涨停了还能买吗|"
    "新股首日有没有涨跌幅限制|举报非法荐股找谁|老师带单是骗局吗|怎么识别假客服|基金净值什么时候更新|明天除权吗|投诉多久有结果|"
    "遗产税要交吗|"
    "我的账户被法院冻结了怎么办|法院冻结多久自动解除|收到交易所监管函怎么办|律师让我打印流水，怎么打|龙虎榜上是谁在买|"
    "我想帮我妈操作账户，怎么授权|怎么查我自己的持仓|农药股代码是多少|我想不开通两融|"
    "走到这一步就提示失败|激活起来好麻烦"
)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in CALLED.items() for text in texts.split("|")])
def test_a_guard_is_called(call, name, text):
    assert call(text) == name


@pytest.mark.parametrize("text", HARMLESS.split("|"))
def test_look_alikes_are_left_alone(call, text):
    assert call(text) is None


def test_every_guard_is_tested_with_fifteen_phrasings():
    assert {guard.name for guard in load_guards()} == set(CALLED)
    assert all(len(texts.split("|")) >= 15 for texts in CALLED.values())


@pytest.mark.parametrize("name", CALLED)
def test_fifteen_phrasings_of_each_are_plain_words_that_nothing_is_weighed_against(name: str) -> None:
    plain = [verdict for text in CALLED[name].split("|") if (verdict := check_guards(normalize(text))) is not None and verdict.plain]
    assert len(plain) >= (14 if name == "inside" else 15)
    assert all(verdict.name == name and verdict.plain and not verdict.yields for verdict in plain)


@pytest.mark.parametrize("text", [
    "中了新股没缴款会拉黑不", "换卡要不要把股票卖光", "我妈走流程开的户，密码忘了", "客户经理跑路了换谁", "手续费会不会给我涨回去", "持仓里多一只没买过的",
    "电话能不能帮我把股票卖了", "冻结的股票能不能担保融资", "账单里其他费是什么玩意", "昨天那个单凭啥被退回来",
])
def test_what_only_sounds_like_it_is_no_plain_word(text: str) -> None:
    verdict = check_guards(normalize(text))
    assert verdict is None or not verdict.plain


@pytest.mark.parametrize("text", ["我要投诉你们，我活不下去了", "转人工，我不想活了", "推荐股票害我亏光，只想自杀"])
def test_a_life_comes_before_all_other_plain_words(text: str) -> None:
    assert check_guards(normalize(text)).name == "distress"


def test_plain_words_stand_before_all_others() -> None:
    plain = [guard.plain for guard in load_guards()]
    assert plain == sorted(plain, reverse=True)


def test_plain_words_are_heard_before_hints() -> None:
    """A hint of one thing does not hide the plain words of another that stands below it."""
    hints = {guard.name for guard in load_guards() if guard.yields}
    assert hints.isdisjoint({"distress", "bereavement", "fraud"})
    assert (check_guards("偷偷扣我钱").name, check_guards("偷偷扣我钱").yields) == ("complaint", True)
    assert check_guards("偷偷扣我钱,转人工").name == "human"
