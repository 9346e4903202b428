"""Signed tokens of the firm's back end: which vouch for a client, and which do not."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from assistant.errors import ClientTokenExpired, ClientTokenInvalid, ClientTokenMisdirected, SettingsInvalid
from assistant.vouching import Vouching

SECRET = "0123456789abcdef" * 2
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
NOW = int(datetime.now(UTC).timestamp())
GOOD = {"sub": "C-1", "aud": "zhike", "iat": NOW, "exp": NOW + 300}


def token(key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    given = {name: value for name, value in {**GOOD, **claims}.items() if value is not None}
    return jwt.encode(given, key, algorithm=algorithm)


def fresh_token(**claims: Any) -> str:
    """Good from this moment on; `token` is good from when the tests were read, which may be long ago."""
    now = int(datetime.now(UTC).timestamp())
    return token(**{"iat": now, "exp": now + 300, **claims})


def unsigned(**claims: Any) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {**GOOD, **claims})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def tampered() -> str:
    head, _, signature = token().split(".")
    return ".".join((head, unsigned(sub="C-2").split(".")[1], signature))


@pytest.fixture
def vouching() -> Vouching:
    return Vouching(secret=SECRET)


@pytest.fixture
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is `NOW`, however long ago the cases were written down."""
    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.fromtimestamp(NOW, tz)

    monkeypatch.setattr("jwt.api_jwt.datetime", Then)


@pytest.fixture
def by_key(tmp_path: Path) -> Vouching:
    (tmp_path / "key.pem").write_bytes(PUBLIC)
    return Vouching.open(None, tmp_path / "key.pem", "zhike")


@pytest.mark.usefixtures("then")
@pytest.mark.parametrize(("claims", "subject", "of_channel"), [
    ({}, "C-1", False), ({"channel": "web", "sub": "openid-1"}, "openid-1", True), ({"aud": ["other", "zhike"]}, "C-1", False),
    ({"iat": NOW + 50, "exp": NOW + 300}, "C-1", False), ({"iat": NOW - 600, "exp": NOW - 50}, "C-1", False),
    ({"sub": "客户"}, "客户", False),
])
def test_tokens_that_vouch(vouching: Vouching, by_key: Vouching, claims: dict[str, Any], subject: str, of_channel: bool) -> None:
    for said in (vouching.read(token(**claims), "web"), by_key.read(token(PRIVATE, "RS256", **claims), "web")):
        assert (said.subject, said.of_channel, said.vouched, said.once) == (subject, of_channel, True, None)


@pytest.mark.usefixtures("then")
@pytest.mark.parametrize(("given", "error"), [
    (token(exp=NOW - 61, iat=NOW - 200), ClientTokenExpired), (token(aud="another"), ClientTokenMisdirected),
    (token(channel="app"), ClientTokenMisdirected), (token(aud=None), ClientTokenInvalid), (token(sub=None), ClientTokenInvalid),
    (token(iat=None), ClientTokenInvalid), (token(exp=None), ClientTokenInvalid), (token(exp=NOW + 601), ClientTokenInvalid),
    (token(iat=NOW + 120, exp=NOW + 300), ClientTokenInvalid), (token(iat=NOW, exp=NOW), ClientTokenInvalid),
    (token(sub=""), ClientTokenInvalid), (token(sub="x" * 257), ClientTokenInvalid), (token(sub="a\nb"), ClientTokenInvalid),
    (token(iat=float(NOW) + 0.5), ClientTokenInvalid), (token("another secret of thirty-two bytes"), ClientTokenInvalid),
    (token(algorithm="HS512", key=SECRET * 2), ClientTokenInvalid), (token(PRIVATE, "RS256"), ClientTokenInvalid),
    (token(ec.generate_private_key(ec.SECP256R1()), "ES256"), ClientTokenInvalid),
    (unsigned(), ClientTokenInvalid), (tampered(), ClientTokenInvalid), (token()[:-3], ClientTokenInvalid), ("", ClientTokenInvalid),
    ("x", ClientTokenInvalid), ("a.b.c", ClientTokenInvalid), ("客.户.号", ClientTokenInvalid), ("\ud800.a.b", ClientTokenInvalid),
    (token(jti=["x"]), ClientTokenInvalid), (token(sub="C-1", channel=1), ClientTokenMisdirected), ("[" * 4000, ClientTokenInvalid),
])
def test_tokens_that_do_not(vouching: Vouching, given: str, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        vouching.read(given, "web")
    assert "C-1" not in str(refused.value)


def test_a_public_key_is_no_secret(by_key: Vouching) -> None:
    """The old trick: sign by HMAC with the key that everybody has."""
    import hashlib
    import hmac

    signed = ".".join(token().split(".")[:2]).encode()
    forged = base64.urlsafe_b64encode(hmac.new(PUBLIC, signed, hashlib.sha256).digest()).rstrip(b"=").decode()
    with pytest.raises(ClientTokenInvalid):
        by_key.read(f"{signed.decode()}.{forged}", "web")
    with pytest.raises(ClientTokenInvalid):
        by_key.read(unsigned(), "web")


def test_without_a_key_nobody_is_vouched_for() -> None:
    said = Vouching().read("the channel's word", "web")
    assert (said.subject, said.of_channel, said.vouched) == ("the channel's word", True, False)
    assert not Vouching().is_required and Vouching(secret=SECRET).is_required


def test_a_token_to_try_is_taken(vouching: Vouching) -> None:
    assert vouching.read(vouching.issue("C-1", now=datetime.now(UTC)), "web").subject == "C-1"
    assert vouching.read(vouching.issue("C-1", now=datetime.now(UTC) - timedelta(minutes=10)), "web"), "within the skew"
    with pytest.raises(SettingsInvalid, match="CLIENT_TOKEN_SECRET"):
        Vouching().issue("C-1", now=datetime.now(UTC))


@pytest.mark.parametrize(("secret", "key"), [("short", None), (SECRET, PUBLIC), (None, b"no key"), (None, b""), (None, None)])
def test_keys_that_can_not_be_used(tmp_path: Path, secret: str | None, key: bytes | None) -> None:
    path = tmp_path / "key.pem"
    if key is not None:
        path.write_bytes(key)
    with pytest.raises(SettingsInvalid, match="ZHIKE_CLIENT_TOKEN"):
        Vouching.open(secret, path if key is not None or secret is None else None, "zhike")
