"""Secrets, known by their names: what is recorded of a command line, of variables and of URLs has `***` instead.

A name is taken apart into words, `HF_TOKEN` into hf and token, `dbPassword` into db and password. So a monkey has
no key, and a tokenizer no token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from attrs import evolve

MASK = "***"

_ALWAYS = frozenset(
    {"secret", "secrets", "passphrase", "credential", "credentials", "apikey", "accesskey", "authtoken"}
)
"""A name with one of these words is a secret's."""

_AT_THE_END = frozenset({"key", "token", "auth"})
"""So is one that ends in these; in `key_dim` and `token_length` they mean something else."""

_KINDS_OF_KEYS = frozenset({"access", "api", "auth", "bearer", "encryption", "private", "refresh", "signing"})
_KEYS = frozenset({"key", "keys", "token", "tokens"})

_SIGNED = frozenset({"sig", "signature"})
"""What gives access in the query of a URL."""

_TRUTHS = frozenset({"true", "false", "null", "none"})

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_CREDENTIALS = r"\b([A-Za-z][\w+.\-]*)://([^/\s?#'\"]*)@"
_PARAMETER = r"([?&;])([\w.\-]+)=([^&;#\s'\"]+)"
"""Compiled when they are first needed: most launches mention no URL."""


def masked(name: str, value: str, patterns: Iterable[str] = ()) -> str:
    """A value as it may be recorded under its name; `patterns` are names of further secrets, `*` for any text.

    >>> masked("HF_TOKEN", "hf_abcdefgh"), masked("monkey", "hf_abcdefgh"), masked("url", "https://me:pw@host/x")
    ('***', 'hf_abcdefgh', 'https://***@host/x')
    """
    return MASK if value and is_secret(name, value, patterns) else masked_urls(value)


def is_secret(name: str, value: str = "", patterns: Iterable[str] = ()) -> bool:
    """Whether a name says that its value is a secret.

    Where it only ends in `key`, `token` or `auth`, a short number or a truth value is none: `num_key=4`.

    >>> [is_secret(name) for name in ("API_KEY", "dbPassword", "tokenizer", "keyboard", "num_key_value_heads")]
    [True, True, False, False, False]
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns):
        return True
    if not words:
        return False
    if not _ALWAYS.isdisjoint(words) or any("password" in word or "passwd" in word for word in words):
        return True
    if any(kind in _KINDS_OF_KEYS and key in _KEYS for kind, key in pairwise(words)):
        return True
    # `PWD` itself is where a shell stands.
    ends = words[-1] in _AT_THE_END or (words[-1] == "pwd" and len(words) > 1)
    return ends and not _is_small(value)


def _is_small(value: str) -> bool:
    """Whether this is a truth value or a number of a few digits."""
    if len(value) > 6 or not value:
        return False
    return value.lower() in _TRUTHS or not set(value) - set("+-.0123456789eE")


def masked_urls(text: str) -> str:
    """The text with the credentials in its URLs masked: on the web the name too, for it may be a token.

    >>> masked_urls("postgres://me:pw@host/db and https://host/x?token=abcdefgh&page=2")
    'postgres://me:***@host/db and https://host/x?token=***&page=2'
    """
    if "://" not in text:
        return text
    return re.sub(_PARAMETER, _without_value, re.sub(_CREDENTIALS, _without_password, text))


def without_credentials(url: str) -> str:
    """A URL without who logs in and how.

    >>> without_credentials("https://me:pw@host/x.git"), without_credentials("ssh://git@host/x.git")
    ('https://host/x.git', 'ssh://git@host/x.git')
    """
    scheme, separator, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    who, at, host = place.rpartition("@")
    user = who.partition(":")[0]
    if scheme.lower() in ("http", "https") or not at:
        user, at = "", ""  # on the web the name may be a token
    return masked_urls(f"{scheme}{separator}{user}{at}{host}{slash}{path}")


def _without_password(match: re.Match[str]) -> str:
    scheme, who = match[1], match[2]
    if scheme.lower() in ("http", "https"):
        return f"{scheme}://{MASK}@"
    user, colon, _ = who.partition(":")
    return f"{scheme}://{user}:{MASK}@" if colon else match[0]


def _without_value(match: re.Match[str]) -> str:
    mark, name, value = match.groups()
    words = {word.lower() for word in _WORD.findall(name)}
    return f"{mark}{name}={MASK}" if is_secret(name, value) or not _SIGNED.isdisjoint(words) else match[0]


def masked_override(text: str, patterns: Iterable[str] = ()) -> str:
    """An override as it may be recorded.

    >>> masked_override("+db={user: me, password: pw}"), masked_override("db.password=pw")
    ('+db={user:me,password:***}', 'db.password=***')
    """
    name, equals, value = text.partition("=")
    if not equals:
        return masked_urls(text)
    if is_secret(name, value, patterns):
        return f"{name}={MASK}"
    return masked_urls(_masked_inside(text, patterns) if "{" in value else text)


def _masked_inside(text: str, patterns: Iterable[str]) -> str:
    from mlxp_fn.config.overrides import parse_override, render  # for the few that hold mappings
    from mlxp_fn.errors import OverrideError

    try:
        override = parse_override(text)
    except OverrideError:  # an argument that only looks like one
        return text
    value = _masked_value(override.value, patterns)
    return text if value == override.value else render(evolve(override, value=value))


def _masked_value(value: Any, patterns: Iterable[str]) -> Any:
    from msgspec.structs import replace

    from mlxp_fn.config.syntax import Choice, Extension, Pairs, Zip

    match value:
        case Pairs(items=items):
            return Pairs(tuple((key, _masked_item(key, item, patterns)) for key, item in items))
        case tuple():
            return tuple(_masked_value(item, patterns) for item in value)
        case Choice(elements=elements) | Zip(elements=elements) | Extension(elements=elements):
            return replace(value, elements=tuple(_masked_value(item, patterns) for item in elements))
        case _:
            return value


def _masked_item(key: Any, item: Any, patterns: Iterable[str]) -> Any:
    return MASK if is_secret(str(key), str(item), patterns) else _masked_value(item, patterns)


def masked_command(arguments: Iterable[str], patterns: Iterable[str] = ()) -> list[str]:
    """The arguments of a command as they may be recorded.

    >>> masked_command(["main.py", "--api-key", "abcdefgh", "seed=1", "db.password=pw"])
    ['main.py', '--api-key', '***', 'seed=1', 'db.password=***']
    """
    patterns = tuple(patterns)
    shown: list[str] = []
    flag = ""
    for argument in arguments:
        follows = flag and not argument.startswith("-")
        shown.append(masked(flag, argument, patterns) if follows else masked_override(argument, patterns))
        flag = argument if argument.startswith("--") and "=" not in argument else ""
    return shown
