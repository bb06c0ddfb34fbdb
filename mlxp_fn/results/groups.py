"""Groups of rows by the values of some columns, under MLXP's names."""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterator, KeysView, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from attrs import evolve, frozen

from mlxp_fn.errors import InvalidKeyError
from mlxp_fn.results.aggregating import Aggregate, summary
from mlxp_fn.results.cells import identity, plain
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.pandas_frames import import_pandas

if TYPE_CHECKING:
    import pandas

    from mlxp_fn.results.curves import Curve

Key = tuple[Any, ...]


@frozen(eq=False, repr=False)
class GroupedFrame:
    """Frames by the values of `group_keys`; the key of a group is always a tuple.

    >>> grouped = Frame({"config.lr": [0.1, 0.2, 0.1], "config.seed": [1, 1, 2]}).groupby("config.lr")
    >>> list(grouped), grouped[0.1,]["config.seed"]
    ([(0.1,), (0.2,)], [1, 2])
    """

    group_keys: list[str]
    grouped_dict: Mapping[Key, Frame | GroupedFrame]

    def __iter__(self) -> Iterator[Key]:
        """The keys of the groups, in the order in which they first appear."""
        return iter(self.grouped_dict)

    def __len__(self) -> int:
        """The number of groups."""
        return len(self.grouped_dict)

    def __getitem__(self, key: Key) -> Frame | GroupedFrame:
        """The group of a key, which may hold NaN and lists. Raises `InvalidKeyError` where there is none."""
        known = identity(key)
        if known not in self.grouped_dict:
            there = ", ".join(map(repr, islice(self, 20))) + (", ..." if len(self) > 20 else "")
            raise InvalidKeyError(f"no group {key!r} of {tuple(self.group_keys)}; there are {there or 'none'}")
        return self.grouped_dict[known]

    def keys(self) -> KeysView[Key]:
        """The keys of the groups."""
        return self.grouped_dict.keys()

    def items(self) -> ItemsView[Key, Frame | GroupedFrame]:
        """Keys and groups."""
        return self.grouped_dict.items()

    def select(self, key_list: Collection[Key]) -> Self:
        """Only the groups of these keys."""
        wanted = set(map(identity, key_list))
        return evolve(self, grouped_dict={key: group for key, group in self.items() if key in wanted})

    def frame(self) -> Frame:
        """All rows in one frame, group after group, with the group keys as columns."""
        parts = [_with_key(self.group_keys, key, group.frame()) for key, group in self.items()]
        return Frame.stacked(parts)

    def ungroup(self) -> Any:
        """The groups below each other, with the group keys as columns; of groups in groups, the inner ones."""
        if any(isinstance(group, GroupedFrame) for group in self.grouped_dict.values()):
            return self._each("ungroup")
        return self.frame()

    def table(self, aggregates: Sequence[Aggregate]) -> Frame:
        """One row for each group: the group keys, then the results."""
        made = [summary(group.frame(), aggregates) for group in self.grouped_dict.values()]
        columns = {name: [plain(key[place]) for key in self] for place, name in enumerate(self.group_keys)}
        for name in (name for aggregate in aggregates for name in aggregate.names):
            columns[name] = [results[name] for results, _ in made]
        return Frame(columns, range(len(self)), self.frame().tell, origins=[behind for _, behind in made])

    def curves(
        self, key: str, by: str | Sequence[str] | None = None, x: str | None = None, band: str | None = "std"
    ) -> list[Curve]:
        """What `mlxp_fn.plot` draws, as records: one curve for each group."""
        return self.frame().curves(key, self.group_keys if by is None else by, x, band)

    def groupby(self, group_keys: str | Sequence[str]) -> Self:
        """Groups in each group."""
        return self._each("groupby", group_keys)

    groupBy = groupby  # noqa: N815  MLXP's name

    def aggregate(self, maps: Any, ungroup: bool = False) -> Any:
        """`Frame.aggregate` of each group: groups of one row, or, where `ungroup`, one frame of them."""
        return self._maybe_ungrouped(self._each("aggregate", maps), ungroup)

    def apply(self, maps: Any, map_type: str = "Generic", ungroup: bool = False) -> Any:
        """`Frame.apply` to each group."""
        return self._maybe_ungrouped(self._each("apply", maps, map_type=map_type), ungroup)

    def transform(self, maps: Any, ungroup: bool = False) -> Any:
        """`Frame.transform` of each group."""
        return self._maybe_ungrouped(self._each("transform", maps), ungroup)

    def map(self, maps: Any, ungroup: bool = False) -> Any:
        """`Frame.map` of each group."""
        return self._maybe_ungrouped(self._each("map", maps), ungroup)

    def sort(self, by: str | Sequence[str], ascending: bool = True, ungroup: bool = False) -> Any:
        """`Frame.sort` of each group."""
        return self._maybe_ungrouped(self._each("sort", by, ascending=ascending), ungroup)

    def filter(self, filter_map: Any, bygroups: str | Sequence[str] | None = None, ungroup: bool = False) -> Any:
        """`Frame.filter` of each group, or of the groups by the columns `bygroups` instead."""
        if bygroups:
            kept = self.frame().filter(filter_map, bygroups)
            return kept if ungroup else kept.groupby(self.group_keys)
        return self._maybe_ungrouped(self._each("filter", filter_map), ungroup)

    def toPandas(self, lazy: bool = True) -> pandas.DataFrame:  # noqa: N802  MLXP's name
        """A pandas frame of the groups below each other; the index is their keys and the place in the group."""
        parts = {key: part for key, group in self.items() if len(part := group.toPandas(lazy))}
        if not parts:
            return self.frame().toPandas(lazy)
        library = import_pandas()
        places = [(*key, *_as_tuple(place)) for key, part in parts.items() for place in part.index]
        names = [*self.group_keys, *next(iter(parts.values())).index.names]
        made: pandas.DataFrame = library.concat(parts.values())
        # What `concat` makes of keys has no place for None and NaN, and takes a tuple for several levels.
        levels = [library.Index(level, tupleize_cols=False) for level in zip(*places, strict=True)]
        made.index = library.MultiIndex.from_arrays(levels, names=names)
        return made.sort_index(axis=0)

    def __repr__(self) -> str:
        """A table of all rows."""
        return repr(self.frame())

    def _repr_html_(self) -> str:
        return self.frame()._repr_html_()

    def _ipython_key_completions_(self) -> list[Key]:
        return list(self.grouped_dict)

    def _each(self, method: str, *args: Any, **options: Any) -> Self:
        groups = {key: getattr(group, method)(*args, **options) for key, group in self.items()}
        return evolve(self, grouped_dict=groups)

    @staticmethod
    def _maybe_ungrouped(grouped: GroupedFrame, ungroup: bool) -> Any:
        return grouped.ungroup() if ungroup else grouped


def _as_tuple(place: Any) -> tuple[Any, ...]:
    """The levels of a place in an index."""
    return place if isinstance(place, tuple) else (place,)


def _with_key(names: Sequence[str], key: Key, group: Frame) -> Frame:
    """The group with its key as columns in front, where it has no such columns itself."""
    values = zip(names, map(plain, key), strict=True)
    missing = {name: [value] * len(group) for name, value in values if not group.has(name)}
    return Frame(missing, range(len(group))).merge(group) if missing else group
