"""Trees that are written without libyaml look as libyaml writes them."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import example, given

from mlxp_fn.config.yaml_writer import Dumper, to_yaml

from .strategies_config import yaml_trees


@given(yaml_trees)
@example({"a" * 128: 1, "b" * 129: [["x", {"y": []}], {"z": {"t": ("u",)}}]})
@example({"00000" + "𝐀" * 31: {}, "x": -0.0, "y": 1e22, "z": float("nan")})
@example({"path": "/a b/c", "two": "a\nb", "dots": "...", "none": None, None: "é"})
def test_yaml_is_libyamls_to_the_last_byte(tree: dict[Any, Any]) -> None:
    try:
        text = yaml.dump(tree, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    except UnicodeEncodeError:
        return  # a lone surrogate, which YAML cannot hold
    assert to_yaml(tree) == text.encode("utf-8", "surrogatepass")
