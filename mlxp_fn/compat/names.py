"""The table of compatibility mode: each module of MLXP, 0.2.7 to 1.0.5, its names, and where ours are.

A place is `module` where the name is the same there, or `module:name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LAUNCHER = "mlxp_fn.compat.launcher"
_LOGGER = "mlxp_fn.compat.logger"
_ARTIFACTS = "mlxp_fn.compat.artifacts"
_FRAMES = "mlxp_fn.compat.frames"
_MAPS = "mlxp_fn.compat.aggregation_maps"
_WORDS = "mlxp_fn.compat.enumerations"
_SCHEDULERS = "mlxp_fn.compat.schedulers"
_SCHEMAS = "mlxp_fn.compat.schemas"
_READER = "mlxp_fn.compat.reader"
_VERSIONS = "mlxp_fn.launching.version_manager"
_GIT = "mlxp_fn.launching.git_versions"


def _in(module: str, *names: str, **elsewhere: str) -> dict[str, str]:
    return {**dict.fromkeys(names, module), **{name: f"{module}:{ours}" for name, ours in elsewhere.items()}}


_FRAME_NAMES = {
    **_in(_FRAMES, "DataFrame", "GroupedDataFrame", "DataDict", "LAZYDATA", "LAZYARTIFACT"),
    **_in(_FRAMES, DataDictList="DataFrame", GroupedDataDicts="GroupedDataFrame"),
    **_in(_MAPS, "AggregationMap"),
}
_ERRORS = _in(
    "mlxp_fn.errors",
    *("JobSubmissionError", "InvalidKeyError", "MissingFieldError", "InvalidArtifactError", "InvalidMapError"),
    *("InvalidShellPathError", "UnknownSystemError", "InvalidSchedulerError", "InvalidConfigFileError"),
    InvalidAggregationMapError="InvalidMapError",
)

# A logger that MLXP has pickled names them.
_FUNCTIONS_IN_PICKLES = _in(
    "mlxp_fn.effects.artifact_types",
    *(f"_{verb}_{kind}" for verb in ("save", "load") for kind in ("pickle", "numpy", "image", "torch")),
)

NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "mlxp": {
            **_in(_LAUNCHER, "launch", "Context"),
            **_in(_LOGGER, "DefaultLogger"),
            **_in(_READER, "Reader"),
            **_in("mlxp_fn.config_dict", "ConfigDict"),
            **_in(_FRAMES, "DataFrame", DataDictList="DataFrame"),
            **_in(_GIT, "GitVM"),
        },
        "mlxp.launcher": _in(
            _LAUNCHER,
            *("launch", "Context", "instantiate", "instance_from_dict", "_instance_from_config", "_import_module"),
        ),
        "mlxp.logger": _in(_LOGGER, "Logger", "DefaultLogger"),
        "mlxp.reader": _in(_READER, "Reader"),
        "mlxp.parser": _in(_READER, "Parser", "DefaultParser"),
        "mlxp.errors": _ERRORS,
        "mlxp.enumerations": _in(_WORDS, "Status", "Directories", "DataFrameType", "SearchableKeys"),
        "mlxp.scheduler": _in(
            _SCHEDULERS, *("OAR", "SLURM", "LSF", "MWM", "SGE", "PBS"), Schedulers_dict="SCHEDULERS"
        ),
        "mlxp.mlxpsub": _in("mlxp_fn.cli.mlxpsub", "main", mlxpsub="main"),
        "mlxp.version_manager": {**_in(_VERSIONS, "VersionManager"), **_in(_GIT, "GitVM")},
        "mlxp.data_structures": {},
        "mlxp.data_structures.config_dict": {
            **_in("mlxp_fn.config_dict", "ConfigDict"),
            **_in(_LAUNCHER, "convert_dict"),
        },
        "mlxp.data_structures.schemas": _in(
            _SCHEMAS,
            *("MLXPConfig", "ConfigLogger", "ConfigVersionManager", "ConfigGitVM", "Info", "Metadata"),
        ),
        "mlxp.data_structures.dataframe": _FRAME_NAMES,
        "mlxp.data_structures.data_dict": _FRAME_NAMES,
        "mlxp.data_structures.artifacts": {
            **_in(_ARTIFACTS, "Artifact", "Artifact_types", "Checkpoint"),
            **_FUNCTIONS_IN_PICKLES,
        },
        "mlxp.data_structures.contrib": {},
        "mlxp.data_structures.contrib.artifacts": _in(
            _ARTIFACTS, "Artifact", "NumpyArray", "PNGImage", "TorchModel"
        ),
        "mlxp.data_structures.contrib.aggregation_maps": _in(
            _MAPS, "AggregationMap", "AvgStd", "Last", "Max", "MinLast"
        ),
    }
)
"""Where each name of MLXP's is, by the module that MLXP has it in."""

PACKAGES = frozenset({"mlxp", "mlxp.data_structures", "mlxp.data_structures.contrib"})
"""The modules that have others in them."""
