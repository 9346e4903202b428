"""The words of suitability: what is known of a client and of a product. The values are stable, in the store and on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

__all__ = ["Audience", "Client", "InvestorType", "Kind", "Losses", "Place", "Product", "ProductRisk", "RiskLevel",
           "Status", "Term", "TradingPermission", "Wishes"]


class RiskLevel(StrEnum):
    """How much risk an ordinary investor can bear (风险承受能力等级), from C1 保守 to C5 激进."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"


class ProductRisk(StrEnum):
    """How risky a product is (风险等级), from R1 低 to R5 高; as texts they sort by risk."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"


class InvestorType(StrEnum):
    """普通投资者, and the classes of 专业投资者 as most firms name them: A by 办法第八条 (一)–(三), B by (四) (五), C by 第十一条;
    D is a class of the firm's own."""

    ORDINARY = "ordinary"
    PROFESSIONAL_A = "professional_a"
    PROFESSIONAL_B = "professional_b"
    PROFESSIONAL_C = "professional_c"
    PROFESSIONAL_D = "professional_d"


class Kind(StrEnum):
    """投资品种, as the trade's questionnaire asks for them; a service is no investment."""

    FIXED_INCOME = "fixed_income"
    EQUITY = "equity"
    LEVERAGED = "leveraged"
    COMPLEX = "complex"
    OTHER = "other"
    SERVICE = "service"


class Term(StrEnum):
    """拟投资期限: for how long the client can do without the money."""

    ONE_YEAR = "up_to_1_year"
    FIVE_YEARS = "up_to_5_years"
    ANY = "any"

    @property
    def days(self) -> int | None:
        """The longest term of a product that fits; None is without limit."""
        return {Term.ONE_YEAR: 366, Term.FIVE_YEARS: 1827, Term.ANY: None}[self]


class Losses(StrEnum):
    """The greatest loss that the client can bear, as the trade's questionnaire asks for it."""

    NONE = "none"
    SMALL = "small"
    SOME = "some"
    LARGE = "large"
    BEYOND_PRINCIPAL = "beyond_principal"


class Audience(StrEnum):
    """Whom a product may be sold to at all. 合格投资者 and 专业投资者 are two different things."""

    ALL = "all"
    QUALIFIED = "qualified"
    PROFESSIONAL = "professional"


class TradingPermission(StrEnum):
    """交易权限 that a client opens before what needs it can be traded."""

    CHINEXT = "chinext"
    STAR = "star"
    STAR_GROWTH = "star_growth"
    BEIJING = "beijing"
    NEEQ = "neeq"
    HK_CONNECT = "hk_connect"
    CONVERTIBLE = "convertible"
    RISK_WARNING = "risk_warning"
    DELISTING = "delisting"
    REITS = "reits"
    REPO = "repo"
    MARGIN = "margin"
    PLEDGE = "pledge"
    OPTIONS = "options"
    FUND = "fund"
    PENSION = "pension"
    ADVISORY = "advisory"

    @property
    def title(self) -> str:
        return _PERMISSION_TITLES[self]


_PERMISSION_TITLES = {
    "chinext": "创业板", "star": "科创板", "star_growth": "科创成长层", "beijing": "北交所", "neeq": "新三板", "hk_connect": "港股通",
    "convertible": "可转债", "risk_warning": "风险警示股票", "delisting": "退市整理股票", "reits": "公募 REITs", "repo": "债券回购",
    "margin": "融资融券", "pledge": "股票质押回购", "options": "股票期权", "fund": "基金账户", "pension": "个人养老金账户",
    "advisory": "投资顾问签约",
}


class Status(StrEnum):
    """Whether a product is sold now."""

    ON_SALE = "on_sale"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Place(StrEnum):
    """Where the sale is to take place: at a branch, or by app, website or phone."""

    SITE = "site"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Wishes:
    """投资目标: what the client said in the assessment; None and empty where nothing is known."""

    term: Term | None = None
    kinds: frozenset[Kind] = frozenset()
    losses: Losses | None = None

    @property
    def complete(self) -> bool:
        return self.term is not None and bool(self.kinds) and self.losses is not None


@dataclass(frozen=True, slots=True)
class Client:
    """What a verdict needs to know of a client.

    `assessment_expires_on` and `qualified_until` are the last days that count. `lowest_class` is 风险承受能力最低类别.
    `birth_year` is None for institutions and where it is not known. `assets` is in yuan.
    """

    investor: InvestorType = InvestorType.ORDINARY
    risk_level: RiskLevel | None = None
    assessed_on: date | None = None
    assessment_expires_on: date | None = None
    lowest_class: bool = False
    birth_year: int | None = None
    permissions: frozenset[TradingPermission] = frozenset()
    qualified_until: date | None = None
    wishes: Wishes = field(default_factory=Wishes)
    assets: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product or service of the firm's catalogue.

    `term_days` is for how long money can't be taken out, None where it can on any day. `minimum_amount` is in yuan.
    `loss_beyond_principal`: more can be lost than was put in. `cooling_off_hours` as the contract says.
    """

    code: str
    name: str
    family: str
    risk: ProductRisk
    kind: Kind
    term_days: int | None = None
    minimum_amount: int = 0
    permissions: frozenset[TradingPermission] = frozenset()
    audience: Audience = Audience.ALL
    loss_beyond_principal: bool = False
    cooling_off_hours: int | None = None
    status: Status = Status.ON_SALE
