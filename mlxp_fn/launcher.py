"""Launching tasks: from a script's command line, from Python, one config or a sweep of them."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import attrs
from msgspec.structs import replace

from mlxp_fn.config.argv import Flags
from mlxp_fn.config.composition import SETTINGS
from mlxp_fn.config.sweeps import Job, Sweep
from mlxp_fn.config.typed import unstructured
from mlxp_fn.configuring import compose
from mlxp_fn.effects.imports import imported
from mlxp_fn.effects.marks import original
from mlxp_fn.errors import ConfigError, LaunchError, SettingsError
from mlxp_fn.launching.command import understood
from mlxp_fn.launching.command_line import launch_from_command_line
from mlxp_fn.launching.execution import Launch, Task, execute, pass_signal_on
from mlxp_fn.launching.sweeping import Runs, run_all
from mlxp_fn.launching.tracebacks import without_our_frames
from mlxp_fn.records import Run, default_settings
from mlxp_fn.tree import Config
from mlxp_fn.tree.config import unresolved_copy

if TYPE_CHECKING:
    from concurrent.futures import Executor


def launch(
    config_path: str = "configs",
    seeding_function: Callable[[Any], Any] | None = None,
    config_name: str = "config",
    config_type: type | None = None,
) -> Callable[[Task], Callable[..., Any]]:
    """Make a task function launch itself, with the configuration of its command line.

    The task gets a `Context`. `config_path` is relative to the file of the task, and so are relative
    directories in the settings; `config.yaml` and `mlxp.yaml` in it may be absent. `seeding_function` is called
    with `config.seed` before each run. With `config_type`, an attrs class, `ctx.config` is an instance of it.

    Called without arguments the function takes `sys.argv`: one run, or a sweep where values are separated by
    commas; it exits with status 1 where a run failed. Called with `overrides=["seed=1,2"]` it leaves `sys.argv`
    alone and returns its `Runs`. Called with a config, a mapping, it runs once with that instead of `config.yaml`
    and returns the `Run`; called with a `Context` it is the task itself.
    """

    def decorate(task: Task) -> Callable[..., Any]:
        return launching_itself(launch_of(task, seeding_function, config_type), task, config_path, config_name)

    return decorate


def launch_of(
    task: Task, seeding_function: Callable[[Any], Any] | None = None, config_type: type | None = None
) -> Launch:
    """What a task is launched with by its own file. Raises `LaunchError` for what is no plain function."""
    return Launch(
        task=_callable_now(task),
        home=_home(task),
        beside=original(_home(task)),
        file=_file(task),
        seeding_function=seeding_function,
        config_type=config_type,
        handle_signals=True,
    )


def launching_itself(
    launching: Launch, task: Task, config_path: str = "configs", config_name: str = "config"
) -> Callable[..., Any]:
    """`task`, but for its name and signature a function that launches what `launching` says."""
    folder = launching.home / config_path

    @functools.wraps(task)
    def launched(*config: Any, overrides: Sequence[str] | None = None) -> Any:
        if config:
            return _run_on(launching, folder, *config) if isinstance(config[0], Mapping) else task(*config)
        if overrides is None:
            return launch_from_command_line(launching, folder, config_name, sys.argv[1:])
        command = understood(launching, folder, config_name, Flags(overrides=tuple(overrides)))
        return run_all(launching, command.sweep())

    return launched


def _run_on(launching: Launch, folder: Path, config: Mapping[Any, Any]) -> Run:
    """Run once with a config that the caller brings, under the settings of `mlxp.yaml` and of a node `mlxp`."""
    command = understood(launching, folder, "config", Flags())
    return _run_job(launching, command.with_config(unresolved_copy(config)))


@overload
def run(
    task: Task,
    config: Sweep,
    parent_log_dir: str | os.PathLike[str] = ...,
    *,
    seeding_function: Callable[[Any], Any] | None = ...,
    settings: Mapping[str, Any] | None = ...,
    handle_signals: bool = ...,
    jobs: int | None = ...,
    executor: Executor | None = ...,
) -> Runs: ...
@overload
def run(
    task: Task,
    config: Any = ...,
    parent_log_dir: str | os.PathLike[str] = ...,
    *,
    seeding_function: Callable[[Any], Any] | None = ...,
    settings: Mapping[str, Any] | None = ...,
    handle_signals: bool = ...,
) -> Run: ...
def run(
    task: Task,
    config: Any = None,
    parent_log_dir: str | os.PathLike[str] = "./logs",
    *,
    seeding_function: Callable[[Any], Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    handle_signals: bool = False,
    jobs: int | None = None,
    executor: Executor | None = None,
) -> Run | Runs:
    """Run `task` now, in this process, on one config or on every config of a sweep.

    `config` is a mapping, a `Config`, the path of a YAML file, an instance of an attrs class of your own (the
    task is then given that class), or a `Sweep`. `parent_log_dir` is relative to the working directory.
    `settings` are those of `mlxp.yaml`, e.g. `{"use_logger": False}`. With `handle_signals`, in the main thread,
    SIGTERM and its like are recorded, as under `launch`, before they have their effect.

    A sweep runs in turn, with `jobs=4` in processes of their own, four at a time, or in those of an `executor` of
    `concurrent.futures`' kind (`ProcessPoolExecutor()`, Dask's `client.get_executor()`), with no more than `jobs`
    in flight; what an executor of other processes is given must be picklable.

    Returns a `Run`; an exception of the task is recorded and raised again. Of a sweep it returns `Runs`; failures
    are recorded, and one warning names them (with `fail_fast` the first is raised).
    """
    settings = _over_defaults(settings or {}, str(parent_log_dir))
    launching = replace(
        launch_of(task, seeding_function, _type_of(config)),
        beside=original(Path.cwd()),
        handle_signals=handle_signals,
    )
    if isinstance(config, Sweep):
        return run_all(launching, config.with_settings(settings), jobs, executor)
    if jobs is not None or executor is not None:
        raise LaunchError("jobs and executor are for a sweep; a single run is run here")
    composed = _config_of(config)
    if SETTINGS in composed:
        raise SettingsError("the config has a node 'mlxp'; give settings with mlxp_fn.run(..., settings={...})")
    job = Job(index=0, overrides=(), config=composed, settings=settings)
    return _run_job(launching, job)


def instantiate(class_name: str) -> Any:
    """The class or function of a name such as `torch.optim.Adam`, as MLXP finds it.

    Raises `ImportError` for a module and `AttributeError` for a name in it that is not there.

    >>> instantiate("fractions.Fraction")(1, 2)
    Fraction(1, 2)
    """
    return imported(class_name)


def instance_from_dict(class_name: str, arguments: Mapping[str, Any]) -> Any:
    """What the class or function of that name makes of keyword arguments, as MLXP does it.

    >>> instance_from_dict("fractions.Fraction", {"numerator": 3, "denominator": 4})
    Fraction(3, 4)
    """
    return instantiate(class_name)(**arguments)


def _run_job(launching: Launch, job: Job) -> Run:
    outcome = execute(launching, job)
    pass_signal_on(outcome)
    if outcome.error:
        raise without_our_frames(outcome.error)
    return outcome.run


def _type_of(config: Any) -> type | None:
    """The class of the user's own that describes the config, if any."""
    if isinstance(config, Sweep):
        return config.config_type
    return type(config) if attrs.has(type(config)) else None


def _config_of(config: Any) -> Config:
    match config:
        case None:
            return Config({})
        case Config():
            return config
        case Mapping():
            return Config(config)
        case str() | Path():
            if Path(config).suffix != ".yaml":
                raise ConfigError(f"a config file's name ends in .yaml, unlike {str(config)!r}")
            return compose(Path(config).parent, Path(config).stem)
        case _ if attrs.has(type(config)):
            return Config(unstructured(config))
        case _:
            raise ConfigError(
                f"a config is a mapping, a Config, the path of a YAML file, an attrs instance or a Sweep, "
                f"not {config!r} of type {type(config).__name__}"
            )


def _over_defaults(settings: Mapping[str, Any], parent_log_dir: str) -> dict[str, Any]:
    plain = default_settings()
    plain["logger"]["parent_log_dir"] = parent_log_dir
    for key, value in settings.items():
        nested = isinstance(value, Mapping) and isinstance(plain.get(key), Mapping)
        plain[key] = {**plain[key], **value} if nested else value
    return plain


def _callable_now(task: Task) -> Task:
    """`task`, unless calling it would not run it."""
    if inspect.iscoroutinefunction(task) or inspect.isgeneratorfunction(task) or inspect.isasyncgenfunction(task):
        raise LaunchError("a task is a plain function; calling one with `async` or `yield` would run nothing")
    return task


def _file(task: Task) -> str:
    code = getattr(_innermost(task), "__code__", None)
    return str(code.co_filename) if code else ""


def _home(task: Task) -> Path:
    """The directory of the task's file; the working directory for a task without one, as in a notebook."""
    file = Path(_file(task)).absolute()
    return file.parent if file.is_file() else Path.cwd()


def _innermost(task: Any) -> Any:
    while hasattr(task, "__wrapped__") or isinstance(task, functools.partial):
        task = task.func if isinstance(task, functools.partial) else task.__wrapped__
    return task
