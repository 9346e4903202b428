"""Who a client is, vouched for by the firm's back end with a signed token that lives for minutes. Pure but for the clock.

A JSON Web Token (RFC 7519) after the best practices of RFC 8725: one algorithm, which the settings choose and the token can't;
an audience; a short life. Where no key is set, nobody can vouch: a `client_token` is then the channel's own word for a client,
which ties conversations together for agents and opens nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from assistant.errors import ClientTokenExpired, ClientTokenInvalid, ClientTokenMisdirected, SettingsInvalid

__all__ = ["LONGEST", "SKEW", "Introduction", "Vouching"]

# So long a token may live at most, and so far clocks may be apart.
LONGEST = timedelta(minutes=10)
SKEW = timedelta(seconds=60)
# RFC 7518, sections 3.2 and 3.3.
_LEAST_SECRET_BYTES = 32
_LEAST_KEY_BITS = 2048
_LONGEST_SUBJECT = 256


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a token says: `subject` is the firm's number for the client, or, where `of_channel`, the channel's own word for them.

    `vouched`: a key stands behind it. `once` is the digest of a token that may be used once only, until `expires_at`.
    """

    subject: str
    of_channel: bool
    vouched: bool
    once: str | None = None
    expires_at: datetime | None = None


class Vouching:
    """Reads tokens with one key; without a key it takes everybody at their word and vouches for nobody."""

    def __init__(self, *, secret: str | None = None, public_key: RSAPublicKey | None = None, audience: str = "zhike") -> None:
        self._secret, self._audience = secret, audience
        self._key: Any = secret or public_key
        self._algorithm = "HS256" if secret else "RS256"

    @classmethod
    def open(cls, secret: str | None, public_key: Path | None, audience: str) -> Vouching:
        """As the settings say. Raises SettingsInvalid."""
        if secret and public_key:
            raise SettingsInvalid("ZHIKE_CLIENT_TOKEN_SECRET and ZHIKE_CLIENT_TOKEN_PUBLIC_KEY exclude each other: set one.")
        if secret and len(secret.encode()) < _LEAST_SECRET_BYTES:
            raise SettingsInvalid(f"ZHIKE_CLIENT_TOKEN_SECRET is shorter than {_LEAST_SECRET_BYTES} bytes; try: openssl rand -hex 32")
        return cls(secret=secret, public_key=_read_key(public_key) if public_key else None, audience=audience)

    @property
    def is_required(self) -> bool:
        """Whether a client is known by a signed token only."""
        return self._key is not None

    def read(self, token: str, channel: str) -> Introduction:
        """Raises ClientTokenInvalid, ClientTokenExpired or ClientTokenMisdirected."""
        if self._key is None:
            return Introduction(token, of_channel=True, vouched=False)
        claims = self._claims(token)
        subject, life = claims["sub"], claims["exp"] - claims["iat"]
        if not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
            raise ClientTokenInvalid("its sub is no client")
        if not 0 < life <= LONGEST.total_seconds():
            raise ClientTokenInvalid(f"it lives for {life} s; at most {LONGEST.seconds} s are taken")
        if claims.get("channel", channel) != channel:
            raise ClientTokenMisdirected("it is for another channel")
        once = claims.get("jti")
        return Introduction(
            subject, of_channel="channel" in claims, vouched=True, once=once and hashlib.sha256(f"{subject}\0{once}".encode()).hexdigest(),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC) + SKEW)

    def issue(self, subject: str, *, now: datetime, life: timedelta = LONGEST) -> str:
        """A token as the firm's back end would make it, for trying. Raises SettingsInvalid where no secret is set."""
        if self._secret is None:
            raise SettingsInvalid("ZHIKE_CLIENT_TOKEN_SECRET is not set, so nobody can sign here. Make one with: openssl rand -hex 32")
        claims = {"sub": subject, "aud": self._audience, "iat": int(now.timestamp()), "exp": int((now + life).timestamp())}
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, self._key, algorithms=[self._algorithm], audience=self._audience, leeway=SKEW,
                                options={"require": ["sub", "exp", "iat", "aud"]})
        except jwt.ExpiredSignatureError as error:
            raise ClientTokenExpired() from error
        except jwt.InvalidAudienceError as error:
            raise ClientTokenMisdirected("its aud is another") from error
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
            # What exactly is wrong with a signature helps those who forge one.
            raise ClientTokenInvalid("it is no token that was signed with the key that is set here") from error
        if not all(type(claims[name]) is int for name in ("exp", "iat")):
            raise ClientTokenInvalid("exp and iat are whole seconds")
        return claims


def _read_key(path: Path) -> RSAPublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise SettingsInvalid(f"ZHIKE_CLIENT_TOKEN_PUBLIC_KEY names {path}, which can't be read: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsInvalid(f"ZHIKE_CLIENT_TOKEN_PUBLIC_KEY: {path} holds no public key in PEM.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_KEY_BITS:
        raise SettingsInvalid(f"ZHIKE_CLIENT_TOKEN_PUBLIC_KEY: {path} holds no RSA key of {_LEAST_KEY_BITS} bits or more.")
    return key
