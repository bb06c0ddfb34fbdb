"""What a run directory is born with: a pure function from the job to the contents of `metadata/`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import attrs
import msgspec
from msgspec.structs import asdict

from mlxp_fn import jsonl, layout
from mlxp_fn.config.yaml_writer import to_yaml
from mlxp_fn.records import WORDS, Birth, Event
from mlxp_fn.tree import Config, flatten

_EVENTS = {word: record for record, word in WORDS.items()}


def birth_files(
    *,
    log_id: int,
    config: Config,
    overrides: tuple[str, ...],
    settings: Mapping[str, Any],
    info: Mapping[str, Any],
    events: tuple[tuple[Event, ...], ...],
) -> dict[str, bytes]:
    """The files of a new run, by their paths in its directory.

    `events` are its creator's (that it was created, what it is called) and, where it runs at once, its first
    attempt's (that it started).
    """
    resolved, unresolved = config.to_dict(strict=False), config.unresolved()
    config_yaml = to_yaml(resolved)
    birth = Birth(
        id=log_id,
        digest=config.digest,
        created=events[0][0].at.time,
        overrides=overrides,
        config=flatten(resolved),
        config_size=len(config_yaml),
        config_sha256=hashlib.sha256(config_yaml).hexdigest(),
    )
    files = {
        layout.CONFIG: config_yaml,
        layout.SETTINGS: to_yaml(settings),
        layout.INFO: to_yaml(info),
        layout.BIRTH: jsonl.encode(asdict(birth)) + b"\n",
        **{
            layout.events_file(attempt): b"".join(map(event_line, of_attempt))
            for attempt, of_attempt in enumerate(events)
        },
    }
    if unresolved != resolved:
        files[layout.CONFIG_UNRESOLVED] = to_yaml(unresolved)
    return files


def event_line(event: Event) -> bytes:
    """An event as one line of `events/<n>.jsonl`."""
    facts = {name: _plain(fact) for name, fact in asdict(event).items()}
    return jsonl.encode({"event": WORDS[type(event)], **facts}) + b"\n"


def _plain(fact: Any) -> Any:
    if isinstance(fact, msgspec.Struct):
        return asdict(fact)
    return attrs.asdict(fact) if attrs.has(type(fact)) else fact


def events_in(content: bytes) -> list[Event]:
    """The events in a file of them, oldest first; words of a later version are passed over.

    Raises `msgspec.ValidationError` for an event without its facts.
    """
    try:
        return _event_lines()(content)
    except (msgspec.DecodeError, ValueError, RecursionError):  # a NaN, a torn line, a word of a later version
        lines = (line for line in jsonl.lines(content) if isinstance(line, dict))
        known = ((line, _EVENTS.get(str(line.get("event")))) for line in lines)
        return [msgspec.convert(line, record) for line, record in known if record is not None]


@cache
def _event_lines() -> Callable[[bytes], list[Event]]:
    return msgspec.json.Decoder(Event).decode_lines
