"""Compatibility mode: scripts that say `import mlxp`, from MLXP 0.2.7 to 1.0.5, run on this library as they are.

This room alone speaks MLXP's older names, and translates them; nothing below knows of it. `names` is the table of
what they stand for, `finder` makes modules of it, and `pythonpath` is the folder by which every Python that is
started below finds them.
"""
