"""The names of paths in a log directory, format 1: the one place that spells them."""

from __future__ import annotations

from pathlib import PurePath

from mlxp_fn.errors import LogDirError, LogNameError

OURS = ".mlxp_fn"
"""In the parent directory: what belongs to all runs. All of it can be deleted but its `trash`."""

VERSION = 1
"""The number of the format, which is written into each run."""

FORMAT = f"{OURS}/format"
LAST_ID = f"{OURS}/last_id"
TRASH = f"{OURS}/trash"
INDEX = f"{OURS}/index"
CONTENTS = f"{OURS}/contents"
SUBMITTING = f"{OURS}/submitting"

METADATA = "metadata"
CONFIG = "metadata/config.yaml"
CONFIG_UNRESOLVED = "metadata/config_unresolved.yaml"
SETTINGS = "metadata/mlxp.yaml"
INFO = "metadata/info.yaml"
BIRTH = "metadata/run.json"
EVENTS = "metadata/events"

METRICS = "metrics"
METRIC_KEYS = "metrics/.keys"
ARTIFACTS = "artifacts"
ARTIFACT_KEYS = "artifacts/.keys/artifacts.yaml"
ARTIFACT_RECORDS = "artifacts/.keys/mlxp_fn.json"

STDOUT, STDERR = "log.stdout", "log.stderr"
"""What a run printed."""

SCRIPT = "script.sh"
"""What a scheduler was given for a run."""

ARRAY_SCRIPT = "array.sh"
"""What it was given for an array, in the first run of that."""

ARRAY_LOG = "log.array"
"""What it writes about an array, or apart from the output of a job."""

RESERVED = frozenset({"info", "config", "mlxp", "artifact", "artifacts"})
"""Names that a column's first word already has another meaning for."""


DIGITS = 18
"""How many digits an id has at most: more than any file system counts to, and no work for anybody."""


def events_file(attempt: int) -> str:
    """Where attempt `attempt` writes its events; attempt 0 is the creator's and submitter's file.

    >>> events_file(1)
    'metadata/events/1.jsonl'
    """
    return f"{EVENTS}/{attempt}.jsonl"


def contents_file(digest: str) -> str:
    """Where the parent directory keeps what many runs share. Raises `LogDirError` for what is no digest.

    >>> contents_file("../7")
    Traceback (most recent call last):
    mlxp_fn.errors.LogDirError: '../7' is no SHA-256
    """
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise LogDirError(f"{digest!r} is no SHA-256")
    return f"{CONTENTS}/{digest}.json"


def metric_file(log_name: str) -> str:
    """Where the log `log_name` keeps its lines.

    >>> metric_file("train")
    'metrics/train.json'
    """
    return f"{METRICS}/{log_name}.json"


def metric_keys_file(log_name: str) -> str:
    """Where MLXP's reader looks for the keys of a log."""
    return f"{METRIC_KEYS}/{log_name}.yaml"


def is_run_name(name: str) -> bool:
    """Whether a directory's name is a run's id, in the one way we write it.

    >>> [is_run_name(name) for name in ("7", "070", "x7", "0", "9" * 19)]
    [True, False, False, True, False]
    """
    return name.isascii() and name.isdigit() and (name == "0" or name[0] != "0") and len(name) <= DIGITS


def leaves(path: str) -> bool:
    """Whether a path that begins in a run's directory may lead out of it.

    >>> leaves("metrics/../../8/metrics/train.json")
    True
    """
    return ".." in path.split("/")


def checked_log_name(name: str, what: str = "log name") -> str:
    """`name`, if it stays inside its run and can be told from other columns.

    Raises `LogNameError` for reserved, empty, absolute, climbing and unprintable names.

    >>> checked_log_name("train")
    'train'
    >>> checked_log_name("../x")
    Traceback (most recent call last):
    mlxp_fn.errors.LogNameError: the log name '../x' would leave the run; use letters, digits, '_', '-', '.' and '/'
    """
    if not isinstance(name, str) or not name:
        raise LogNameError(f"a {what} is a text that is not empty, not {name!r}")
    if name in RESERVED:
        raise LogNameError(f"the {what} {name!r} is reserved; these are: {', '.join(sorted(RESERVED))}")
    parts = name.split("/")
    if name.startswith("/") or any(part in ("", ".", "..") for part in parts) or parts[0] == ".keys":
        raise LogNameError(f"the {what} {name!r} would leave the run; use letters, digits, '_', '-', '.' and '/'")
    if not name.isprintable() or "\\" in name or max(len(part.encode()) for part in parts) > 200:
        raise LogNameError(f"the {what} {name!r} is too long or holds a control character or a backslash")
    return name


def artifact_column(artifact_type: str, artifact_name: str) -> tuple[str, str]:
    """The column and the file name an artifact is found under, as in MLXP 1.0.5.

    >>> artifact_column("pickle", "best/last.pkl")
    ('artifact.pickle..best', 'last.pkl')
    """
    folder = PurePath(artifact_name).parent
    return f"artifact.{artifact_type}.{folder_key(folder)}", PurePath(artifact_name).name


def folder_key(folder: PurePath) -> str:
    """A folder below an artifact type as MLXP writes it: '' at the top, '.a.b' for a/b."""
    return "".join(f".{part}" for part in folder.parts)
