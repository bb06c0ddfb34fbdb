"""Files that do not belong into a snapshot: secrets, by their names, and what is too large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from mlxp_fn.versions.states import Tree

SECRETS = (
    *(".env", ".env.*", "*.env", ".envrc", "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.jks", "*.keystore"),
    *("*.kdbx", "*.ppk", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "secring.*", "*.ovpn"),
    *(".netrc", "_netrc", ".pypirc", ".npmrc", ".pgpass", ".htpasswd", ".git-credentials", ".dockercfg"),
    *("credentials", "credentials.*", "*_credentials.json", "client_secret*.json", "service_account*.json"),
    *("secret", "secret.*", "secrets", "secrets.*", "kaggle.json", "kubeconfig", "token", "token.txt", ".token"),
)
"""Patterns of file names, in lower case, that are most often secrets."""

HARMLESS = ("*.pub", ".env.example", ".env.sample", ".env.template", ".env.dist", "*.py")
"""Names that match one of `SECRETS` and are none."""

MEGABYTE = 1_000_000


def looks_secret(path: str) -> bool:
    """Whether a file of this name is most often a secret.

    >>> looks_secret("deploy/id_ed25519"), looks_secret("id_ed25519.pub"), looks_secret("src/token.py")
    (True, False, False)
    """
    name = path.rpartition("/")[2].lower()
    return _matches(name, SECRETS) and not _matches(name, HARMLESS)


def suspects(tree: Tree, allowed: Iterable[str], max_file_mb: float) -> Iterator[tuple[str, str]]:
    """The files of a tree that may not enter a snapshot unasked, each with the reason.

    What git tracks already is no secret any more; its size counts all the same. `allowed` are patterns of paths or
    of names.
    """
    patterns = tuple(allowed)
    unknown = set(tree.untracked)
    for path in tree.files:
        if is_allowed(path, patterns):
            continue
        if path.endswith("/"):
            yield path, "a git repository of its own"
        elif path in unknown and looks_secret(path):
            yield path, "by its name a secret"
        elif (size := tree.sizes.get(path, 0)) > max_file_mb * MEGABYTE:
            yield path, f"{size / MEGABYTE:.1f} MB, more than max_file_mb: {max_file_mb:g}"


def is_allowed(path: str, patterns: Iterable[str]) -> bool:
    """Whether the user has named this path, or a pattern of it or of its last name.

    >>> is_allowed("data/big.bin", ["*.bin"]), is_allowed("data/big.bin", ["data"])
    (True, False)
    """
    path = path.rstrip("/")
    return _matches(path, patterns) or _matches(path.rpartition("/")[2], patterns)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern.rstrip("/")) for pattern in patterns)
