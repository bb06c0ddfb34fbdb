"""What shall run where the code is not as its latest commit: asked on the terminal, once a launch.

Everything is asked before anything is done: who leaves by Ctrl-C has changed nothing.
"""

from __future__ import annotations

import sys

from mlxp_fn.effects.printed import leads_to_terminal
from mlxp_fn.effects.terminal import say
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.choices import DEFAULTS, WORDS, chosen_numbers, described
from mlxp_fn.versions.plans import MESSAGE, Plan, Rules, make_commit, take_snapshot, use_latest
from mlxp_fn.versions.states import Tree


def may_ask() -> bool:
    """Whether somebody sits at a terminal to see a question and to answer it."""
    return leads_to_terminal(sys.stdin) and leads_to_terminal(sys.stdout)


def ask_what_to_run(tree: Tree, rules: Rules) -> Plan:
    """The plan that the user chooses. Raises `VersionError` where the answer is to run nothing."""
    print(described(tree), flush=True)
    while True:
        answer = _answer("Your choice", DEFAULTS.get(rules.on_dirty, "s"))[:1].lower()
        try:
            match answer:
                case "s":
                    return take_snapshot(tree, rules)
                case "c":
                    return _commit(tree, rules)
                case "l":
                    return use_latest(tree)
                case "q":
                    break
            say(f"answer with one of {', '.join(WORDS)}")
        except VersionError as error:
            say(f"that cannot be: {error}")
    raise VersionError("nothing is run, as you chose")


def _commit(tree: Tree, rules: Rules) -> Plan:
    return make_commit(tree, rules, _added(tree) if tree.untracked else (), _answer("Message", MESSAGE))


def _added(tree: Tree) -> tuple[str, ...]:
    """The untracked files that the user wants in the commit."""
    while True:
        answer = _answer("Untracked files to add, such as 1,3-5 or all", "none")
        try:
            numbers = chosen_numbers(answer, len(tree.untracked))
            return tuple(tree.untracked[number - 1] for number in numbers)
        except ValueError as error:
            say(str(error))


def _answer(question: str, default: str) -> str:
    try:
        return input(f"{question} [{default}]: ").strip() or default
    except EOFError as error:
        raise VersionError("nothing is run: the question what to run had no answer") from error
