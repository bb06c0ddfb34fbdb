"""Every error that a user of the library can cause.

    MlxpError
    ├── ConfigError (ValueError)             a configuration cannot be composed or used
    │   ├── OverrideError                    an override text or a sweep cannot be understood
    │   ├── MissingConfigError (FileNotFoundError)   a config file or a group's option is not there
    │   ├── UnknownConfigKeyError (KeyError, AttributeError)   a config has no such key
    │   ├── MissingFieldError (KeyError)     a mandatory value (`???`, or a seed) was never given
    │   ├── InterpolationError               `${...}` leads nowhere, or in a circle
    │   ├── FrozenConfigError (TypeError, AttributeError)   a write into an immutable config
    │   └── SettingsError                    a setting of MLXP's is unknown or of the wrong kind
    ├── InvalidKeyError (KeyError)           a name that may not be used, or is not there
    │   ├── LogNameError (ValueError)        a metric log's or an artifact's name is not allowed
    │   ├── UnknownColumnError               a frame has no such column
    │   └── UnknownRowError (IndexError)     a frame has no such row
    ├── QueryError (SyntaxError)             a query cannot be parsed
    │   └── QueryKeyError (InvalidKeyError)  a query asks for a key that can never be queried
    ├── MetricsError (TypeError)             a value cannot be logged as a metric
    ├── InvalidArtifactError (ValueError)    an artifact's type is unknown or its file is damaged
    │   └── MissingArtifactError (FileNotFoundError)
    ├── InputError (OSError)                 the data that a run reads cannot be told by its content
    ├── InvalidMapError (ValueError)         an aggregation map is malformed
    ├── SelectionError (ValueError)          words that should name runs do not
    ├── NoRunError (LookupError)             no run is what was asked for
    ├── LogDirError (OSError)                a log directory cannot be created, written or read
    │   └── RunBusyError                     another process runs this run now
    ├── SweepFailedError (RuntimeError)      some runs of a sweep failed and the sweep was told to stop
    ├── LaunchError (RuntimeError)           a task cannot be started as asked
    │   ├── SubmissionError                  a script cannot be submitted, or a scheduler refuses it
    │   └── VersionError                     the version of the code that it should run from cannot be had
    ├── DemoError (FileExistsError)          a project cannot be written where something else lies
    └── MissingExtraError (ImportError)      an optional package is not installed

The message of each says what was wrong, with the value, and what would be right.

`Preempted` (BaseException) stands beside them, as KeyboardInterrupt stands beside Python's: a signal, no mistake.
"""

from __future__ import annotations


class MlxpError(Exception):
    """The base of every error that this library raises on purpose."""

    def __str__(self) -> str:
        # KeyError shows its argument's repr, which would put quotes around a sentence.
        return str(self.args[0]) if self.args else ""


class ConfigError(MlxpError, ValueError):
    """A configuration cannot be composed or used."""


class OverrideError(ConfigError):
    """An override text or a sweep cannot be understood."""


class MissingConfigError(ConfigError, FileNotFoundError):
    """A config file or an option of a group is not there."""


class UnknownConfigKeyError(ConfigError, KeyError, AttributeError):
    """A configuration has no such key."""


class MissingFieldError(ConfigError, KeyError):
    """A mandatory value (`???`, or a seed) was never given."""


class InterpolationError(ConfigError):
    """An interpolation leads nowhere, or in a circle."""


class FrozenConfigError(ConfigError, TypeError, AttributeError):
    """A write into an immutable configuration."""


class SettingsError(ConfigError):
    """A setting of MLXP's is unknown or of the wrong kind."""


class InvalidKeyError(MlxpError, KeyError):
    """A name that may not be used here, or that is not there."""


class LogNameError(InvalidKeyError, ValueError):
    """The name of a metric log or of an artifact is not allowed."""


class UnknownColumnError(InvalidKeyError):
    """A frame has no such column."""


class UnknownRowError(InvalidKeyError, IndexError):
    """A frame has no such row."""


class QueryError(MlxpError, SyntaxError):
    """A query cannot be parsed; the message marks the place."""


class QueryKeyError(QueryError, InvalidKeyError):
    """A query asks for a key that can never be queried."""


class MetricsError(MlxpError, TypeError):
    """A value cannot be logged as a metric."""


class InvalidArtifactError(MlxpError, ValueError):
    """An artifact's type is unknown, or its file is damaged."""


class MissingArtifactError(InvalidArtifactError, FileNotFoundError):
    """There is no artifact of that name."""


class InputError(MlxpError, OSError):
    """The data that a run reads is not there, cannot be read, or changes while it is read."""


class InvalidMapError(MlxpError, ValueError):
    """An aggregation map is malformed."""


class SelectionError(MlxpError, ValueError):
    """Words that should name runs do not."""


class NoRunError(MlxpError, LookupError):
    """No run is what was asked for."""


class LogDirError(MlxpError, OSError):
    """A log directory cannot be created, written or read."""


class RunBusyError(LogDirError):
    """Another process is running this run now."""


class SweepFailedError(MlxpError, RuntimeError):
    """Some runs of a sweep failed."""


class LaunchError(MlxpError, RuntimeError):
    """A task cannot be started as it was asked for."""


class SubmissionError(LaunchError):
    """A script is not understood as jobs, or a scheduler does not take them."""


class VersionError(LaunchError):
    """A version of the code cannot be recorded, copied or run from."""


class DemoError(MlxpError, FileExistsError):
    """A project cannot be written where something else already lies."""


class MissingExtraError(MlxpError, ImportError):
    """An optional package is not installed."""


class Preempted(BaseException):
    """A signal other than Ctrl-C's asks the task to leave; raised in the task, with the signal's name.

    Let it through, or raise it again after having put away what must not be lost.
    """

    @property
    def signal(self) -> str:
        """The name of the signal, as `SIGTERM`."""
        return str(self.args[0])


# What MLXP 1.0.5 calls these mistakes, for those who catch them.
InvalidConfigFileError = SettingsError
InvalidSchedulerError = InvalidShellPathError = JobSubmissionError = UnknownSystemError = SubmissionError
