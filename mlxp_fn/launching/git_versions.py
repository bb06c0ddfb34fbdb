"""Runs execute from a copy of the repository at one commit: which, is decided and done once a launch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlxp_fn.effects.environment import working_directory
from mlxp_fn.effects.marks import command_line, main_file, mark, script_argument, stand_ready
from mlxp_fn.effects.terminal import say
from mlxp_fn.errors import VersionError
from mlxp_fn.launching.version_manager import Executed, Moved, VersionManager
from mlxp_fn.records import Settings

if TYPE_CHECKING:
    from mlxp_fn.versions.marks import Mark
    from mlxp_fn.versions.provenance import Version


class GitVM(VersionManager):
    """Runs the code of a git repository from a copy of it at one commit, as `version_manager` in the settings says.

    The repository is that of `code_dir` (where nobody says: of the working directory). What lies in
    `parent_work_dir` and `log_dir` is no part of the code. With `interactive` a question is asked where the code
    is not as its latest commit and there is a terminal.
    """

    def __init__(
        self,
        parent_work_dir: str,
        compute_requirements: bool = False,
        *,
        on_dirty: str = "snapshot",
        allow: tuple[str, ...] = (),
        max_file_mb: float = 10.0,
        code_dir: str | None = None,
        log_dir: str | None = None,
        interactive: bool = False,
    ) -> None:
        """Keep the settings; git is asked when the copy is."""
        super().__init__(parent_work_dir, compute_requirements)
        self.on_dirty = on_dirty
        self.allow = tuple(allow)
        self.max_file_mb = max_file_mb
        self.code_dir = os.path.realpath(code_dir or working_directory())
        self.log_dir = log_dir
        self.interactive = interactive
        self._version: Version | None = None

    @property
    def version(self) -> Version:
        """The version, found out and copied when it is first asked for."""
        if self._version is None:
            from mlxp_fn.launching.made_versions import made_version  # not in the process that runs from the copy

            self._version = made_version(self)
        return self._version

    def make_working_directory(self) -> str:
        """The place in the copy of where the user stands."""
        from mlxp_fn.versions.restarts import into_copy

        return into_copy(self.version.directory, self.version.root, self.version.copy)

    def get_info(self) -> dict[str, Any]:
        """What is recorded of the version."""
        return self.version.info(from_copy=False)

    @classmethod
    def arguments(cls, settings: Settings, code_dir: Path) -> dict[str, Any]:
        """The settings of `version_manager`, and what of the others concerns versions."""
        chosen = settings.version_manager
        return {
            **super().arguments(settings, code_dir),
            "on_dirty": chosen.on_dirty,
            "allow": chosen.allow,
            "max_file_mb": chosen.max_file_mb,
            "code_dir": str(code_dir),
            "log_dir": settings.logger.parent_log_dir,
            "interactive": settings.interactive_mode,
        }

    def moved(self) -> Moved | None:
        """The same command, from the copy; None where this process runs from it already.

        A process without a script, as in a notebook, stays as it is. Raises `VersionError` where the script is not
        in the version.
        """
        main, known = main_file(), mark()
        if main is None or (known and _is_in(main, known.copy)):
            return None
        if known and known.process == os.getpid():
            raise VersionError(
                f"the script was started again from the copy {known.copy} and still runs from {main}: a project "
                "installed in editable mode, or PYTHONPATH, leads there; start it by its path"
            )
        from mlxp_fn.versions.marks import Mark
        from mlxp_fn.versions.restarts import into_copy, restarted

        self.code_dir = os.path.dirname(main)
        version = self.version
        if not os.path.isfile(into_copy(main, version.root, version.copy)):
            raise VersionError(
                f"the script {main} is not in the commit {version.commit} of {version.root}, which shall run: git "
                "ignores it, or it is not committed; add it, or start a script that is there"
            )
        script = script_argument(main)
        directory, argv = restarted(command_line(), script, version.directory, version.root, version.copy)
        stand_ready(directory)
        told = Mark(process=os.getpid(), copy=version.copy, root=version.root, info=version.info(from_copy=True))
        return Moved(directory=directory, argv=argv, script=script and script[0], mark=told)

    def entered(self) -> Executed:
        """The copy that this process was started from; for any other process, its version as it is now.

        A process that was not started from a copy, as in a notebook, has its code already: its version is copied,
        compared and recorded, and the code is not switched. Raises `VersionError` where modules of the repository
        come from elsewhere than the copy.
        """
        main, known = main_file(), mark()
        if known and main and _is_in(main, known.copy):
            _refuse_other_code(known)
            return Executed(_info_of_now(known), working_directory())
        info = self.get_info()
        say(
            "note: this code was imported before the launch and runs as it is; its version, "
            f"{self.version.commit[:10]}, is copied and recorded, but not switched to"
        )
        return Executed(info, working_directory())


def _info_of_now(known: Mark) -> Mapping[str, Any]:
    """What is recorded of the copy; looked at again where it was not this process that was started again."""
    if known.process == os.getpid():
        return known.info
    from mlxp_fn.launching.made_versions import seen_again

    return seen_again(known)


def _refuse_other_code(known: Mark) -> None:
    from mlxp_fn.effects.loaded_code import modules_from_elsewhere

    found = modules_from_elsewhere(known.root, known.copy)
    if found:
        from mlxp_fn.versions.names import listed

        named = listed([f"{name} from {file}" for name, file in sorted(found.items())])
        raise VersionError(
            f"modules of the repository would be imported from elsewhere than the copy {known.copy}: {named}; a "
            "project installed in editable mode, or PYTHONPATH, leads there: install it without -e, or put a "
            "relative path such as src into PYTHONPATH, which leads into the copy"
        )


def _is_in(path: str, directory: str) -> bool:
    return path.startswith(directory.rstrip("/") + "/")
