"""MLXP's mutable configuration, for tasks that write into it (`as_ConfigDict: true`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ConfigDict(dict[str, Any]):
    """A dict whose keys are attributes too; mappings inside it are ConfigDicts, lists are lists.

    >>> config = ConfigDict({"model": {"width": 8}})
    >>> config.model.width = 16
    >>> print(config)
    model:
      width: 16
    <BLANKLINE>
    """

    def __init__(self, mapping: Mapping[str, Any] = {}, **more: Any) -> None:
        """Copy `mapping`, however deep."""
        super().__init__({key: _mutable(value) for key, value in {**mapping, **more}.items()})

    def __getattr__(self, key: str) -> Any:
        """The value of a key that is no method's name."""
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"the config has no key {key!r}; there are {', '.join(map(str, self))}") from None

    def __setattr__(self, key: str, value: Any) -> None:
        """Set a key."""
        self[key] = value

    def __delattr__(self, key: str) -> None:
        """Remove a key."""
        del self[key]

    def __repr__(self) -> str:
        """As YAML, as MLXP shows it."""
        import yaml

        text: str = yaml.dump(self.to_dict())
        return text

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts and lists."""
        return {key: _plain(value) for key, value in self.items()}

    def update(self, new_dict: Mapping[str, Any]) -> None:  # type: ignore[override]
        """Merge `new_dict` into this one, mapping by mapping, as MLXP does."""
        for key, value in new_dict.items():
            if isinstance(value, Mapping) and isinstance(self.get(key), ConfigDict):
                self[key].update(value)
            else:
                self[key] = _mutable(value)


def _mutable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ConfigDict(value)
    return [_mutable(item) for item in value] if isinstance(value, (list, tuple)) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
