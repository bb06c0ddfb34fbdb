"""What to run is decided from values alone."""

import pytest

from mlxp_fn.errors import VersionError
from mlxp_fn.versions.plans import MakeCommit, Rules, TakeSnapshot, UseLatest, plan, snapshot_text
from mlxp_fn.versions.states import LeftOut, Tree, left_out, parse_status

DIRTY = Tree(
    root="/code",
    commit="1a2b",
    branch="main",
    changed=("main.py",),
    untracked=("new.py",),
)
CLEAN = Tree(root="/code", commit="1a2b", branch="main")


@pytest.mark.parametrize(
    ("on_dirty", "planned"),
    [
        ("snapshot", TakeSnapshot(("main.py", "new.py"))),
        ("commit", MakeCommit(("main.py", "new.py"), "State of the code before a run")),
        ("ignore", UseLatest("1a2b")),
    ],
)
def test_the_setting_says_what_happens_to_a_dirty_tree(on_dirty, planned):
    assert plan(DIRTY, Rules(on_dirty=on_dirty)) == planned


@pytest.mark.parametrize("on_dirty", ["snapshot", "commit", "ignore", "refuse"])
def test_a_clean_tree_runs_its_latest_commit(on_dirty):
    assert plan(CLEAN, Rules(on_dirty=on_dirty)) == UseLatest("1a2b")


def test_a_dirty_tree_can_be_refused_by_name():
    with pytest.raises(VersionError, match=r"not as its latest commit \(main\.py, new\.py\)"):
        plan(DIRTY, Rules(on_dirty="refuse"))


def test_an_unknown_rule_is_refused():
    with pytest.raises(VersionError, match="snapshot, commit, ignore, refuse, not 'stash'"):
        plan(DIRTY, Rules(on_dirty="stash"))


def tree(**facts):
    return Tree(root="/code", commit="1a2b", branch="main", **facts)


@pytest.mark.parametrize(
    ("file", "allowed", "reason"),
    [
        (".env", ".env", r"\.env \(by its name a secret\)"),
        ("keys/id_rsa", "id_*", r"keys/id_rsa \(by its name a secret\)"),
        ("a/server.PEM", "a/*", r"a/server\.PEM \(by its name a secret\)"),
        ("data.bin", "data.bin", r"data\.bin \(10\.0 MB, more than max_file_mb: 10\)"),
    ],
)
def test_what_must_not_enter_a_snapshot_is_named_and_may_be_allowed(file, allowed, reason):
    suspicious = tree(untracked=(file,), sizes={"data.bin": 10_000_001})

    with pytest.raises(VersionError, match=reason):
        plan(suspicious, Rules())
    assert plan(suspicious, Rules(allow=(allowed,))) == TakeSnapshot((file,))


def test_a_large_file_is_refused_though_git_tracks_it():
    with pytest.raises(VersionError, match=r"big\.csv \(20\.0 MB"):
        plan(tree(changed=("big.csv",), sizes={"big.csv": 20_000_000}), Rules())


def test_a_repository_of_its_own_is_refused_or_left_out():
    nested = tree(untracked=("other/", "new.py"))

    with pytest.raises(VersionError, match=r"other/ \(a git repository of its own\)"):
        plan(nested, Rules())
    assert plan(nested, Rules(allow=("other",))) == TakeSnapshot(("new.py",))


@pytest.mark.parametrize("path", ["id_rsa.pub", ".env.example", "token.py", "environment.yml", "keyboard.txt"])
def test_harmless_names_are_no_secrets(path):
    assert plan(tree(untracked=(path,)), Rules()) == TakeSnapshot((path,))


def test_a_secret_that_git_knows_already_is_none():
    assert plan(tree(changed=(".env",)), Rules()) == TakeSnapshot((".env",))


def test_changes_inside_of_submodules_are_refused_by_name():
    with pytest.raises(VersionError, match=r"submodules of /code have changes of their own.*\(lib\)"):
        plan(tree(submodules=("lib",)), Rules())


def test_nothing_is_committed_in_the_middle_of_a_rebase():
    busy = tree(changed=("main.py",), going_on="rebase")

    with pytest.raises(VersionError, match="a rebase is going on in /code"):
        plan(busy, Rules(on_dirty="commit"))
    assert plan(busy, Rules()) == TakeSnapshot(("main.py",))


def test_without_any_commit_there_is_no_latest_one():
    empty = Tree(root="/code", commit=None, branch="main")

    with pytest.raises(VersionError, match="/code has no commit and no file yet"):
        plan(empty, Rules())


def test_many_names_are_cut_short():
    many = tree(untracked=tuple(f"{number}.py" for number in range(13)))

    with pytest.raises(VersionError, match=r"9\.py and 3 more\)"):
        plan(many, Rules(on_dirty="refuse"))


def test_a_status_is_read_with_hostile_names():
    zeros = "0" * 40
    output = "\0".join(
        [
            "# branch.oid " + "ab" * 20,
            "# branch.head a b",
            f"1 .M N... 100644 100644 100644 {zeros} {zeros} two words.py",
            f"1 A. N... 000000 100644 100644 {zeros} {zeros} line\nbreak.py",
            f"1 .M S..U 160000 160000 160000 {zeros} {zeros} dirty lib",
            f"1 .M SC.. 160000 160000 160000 {zeros} {zeros} moved lib",
            f"u UU N... 100644 100644 100644 100644 {zeros} {zeros} {zeros} both of us.py",
            "? ünter/",
            "",
        ]
    )

    state = parse_status(output.encode() + b"? \xff.py\0")

    assert (state.commit, state.branch) == ("ab" * 20, "a b")
    assert state.changed == ("two words.py", "line\nbreak.py", "moved lib")
    assert state.submodules == ("dirty lib",)
    assert state.unmerged == ("both of us.py",)
    assert state.untracked == ("ünter/", "\udcff.py")


def test_log_and_copy_directories_are_left_out_and_code_beside_runs_is_not():
    assert left_out("/code", "/code", ("/code/logs",), ("/code/.work_dir",)) == LeftOut(whole=("logs", ".work_dir"))
    assert left_out("/code", "/code/exp", ("/elsewhere",), ("/code/exp",)) == LeftOut(copies=("exp",))
    beside = left_out("/code", "/code", ("/code",), ())
    assert [beside.covers(path) for path in ("1/metadata/run.json", ".mlxp_fn/format", "main.py", "1.py")] == [
        True,
        True,
        False,
        False,
    ]
    copies = LeftOut(copies=("exp/project",))
    assert [copies.covers(path) for path in (f"exp/project/{'a' * 40}/", "exp/project/main.py")] == [True, False]


def test_a_snapshot_of_a_tree_is_the_same_text_always():
    assert snapshot_text("abc") == (
        b"tree abc\n"
        b"author mlxp_fn <mlxp_fn@localhost> 946684800 +0000\n"
        b"committer mlxp_fn <mlxp_fn@localhost> 946684800 +0000\n"
        b"\n"
        b"Snapshot of a working tree, by mlxp_fn\n"
    )
