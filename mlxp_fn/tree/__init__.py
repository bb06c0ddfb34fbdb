"""The configuration tree: immutable, with its interpolations; what every other room holds a config as."""

from mlxp_fn.tree.config import Config, config_of, flatten, holds, literal, plain

__all__ = ["Config", "config_of", "flatten", "holds", "literal", "plain"]
