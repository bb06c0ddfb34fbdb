"""What MLXP hands to a task: `ctx.info.info.status`, and `ctx.info.status` as 0.2.7 had it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, define
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from mlxp_fn.config_dict import ConfigDict
from mlxp_fn.launching import execution
from mlxp_fn.records import RunInfo, Settings
from mlxp_fn.results.info_view import info_columns
from mlxp_fn.tree import Config
from mlxp_fn.tree.config import plain


@define
class Context:
    """MLXP's record of what a task is given; its fields can be set."""

    config: Any = None
    mlxp: Any = None
    info: Any = None
    logger: Any = None


class Nested(DictConfig):
    """A config below one key, as MLXP 1.0.5 hands it out, whose inner keys are found at the top, too."""

    def __getattr__(self, key: str) -> Any:
        """The value of a key, or of that key in the one node."""
        try:
            return super().__getattr__(key)
        except ConfigAttributeError:
            return getattr(self._inner(), key)

    def __getitem__(self, key: Any) -> Any:
        """The value of a key, or of that key in the one node."""
        try:
            return super().__getitem__(key)
        except ConfigKeyError:
            return self._inner()[key]

    def _inner(self) -> Any:
        return next(iter(self.values()))


def context_of_mlxp(ctx: execution.Context) -> Context:
    """The same context in MLXP's form. A config that is not to be a `ConfigDict` is OmegaConf's."""
    return Context(
        config=_config(ctx.config, resolve=ctx.mlxp.resolve),
        mlxp=Nested({"mlxp": _settings(ctx.mlxp)}),
        info=Nested({"info": _info(ctx.info, ctx.logger)}),
        logger=ctx.logger,
    )


def _config(config: ConfigDict | Config, resolve: bool) -> Any:
    if isinstance(config, ConfigDict):
        return config
    return OmegaConf.create(config.to_dict(strict=False) if resolve else config.unresolved())


def _settings(settings: Settings) -> dict[str, Any]:
    whole: dict[str, Any] = plain(asdict(settings))
    for part in ("logger", "version_manager"):
        whole[part] |= whole[part].pop("options")
    return whole


def _info(info: RunInfo, logger: Any) -> Mapping[str, Any]:
    if logger is None:
        return {**info_columns(info, {}), "logger": None}
    return info_columns(info, logger.get_info())
