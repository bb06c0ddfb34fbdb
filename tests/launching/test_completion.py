"""Completion of the arguments of a script: its candidates as values, and true shells that type them."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import time

import pytest

from mlxp_fn.config.completion import completions
from mlxp_fn.config.completion_words import Line, composed_of_words, read_line, readable_flags
from mlxp_fn.config.source_files import Layer, Sources
from mlxp_fn.records import default_settings
from mlxp_fn.tree.interpolation import Surroundings
from mlxp_fn.views.completion_scripts import install_script, uninstall_script

CONFIG = """\
defaults: [db: pg, optimizer: sgd, _self_]
seed: 0
verbose: false
name: my net
half: ${optimizer.lr}
lost: ${nowhere}
needed: ???
nothing: null
layers: [{width: 8}, {width: 4}]
no key: 1
"""
CONFIGS = {
    "config": CONFIG,
    "other": "alpha: 1\n",
    "db/pg": "host: here\nport: 1\n",
    "db/my": "host: there\nflag: true\n",
    "db/sub/one": "x: 1\n",
    "optimizer/sgd": "lr: 0.1\n",
    "optimizer/adam": "lr: 0.2\nbetas: [0.9, 0.99]\n",
    "extra/more": "y: 1\n",
}
SOURCES = Sources((Layer("configs", CONFIGS, frozenset({"db", "db/sub", "optimizer", "extra"})),))
UNSUPPORTED = ("experimental_rerun",)


def completed(typed, sources=SOURCES):
    line = read_line(f"python main.py {typed}", "main.py")
    given = readable_flags(line.words).overrides
    composed = composed_of_words(sources, given, "config", Surroundings(), default_settings())
    return " ".join(completions(sources, composed, line.words, line.current, UNSUPPORTED))


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("op", "optimizer. optimizer="),
        ("optimizer.", "optimizer.lr="),
        ("optimizer.l", "optimizer.lr="),
        ("n", "name= needed= nothing="),
        ("layers.", "layers.0. layers.1."),
        ("layers.1.", "layers.1.width="),
        ("++opt", "++optimizer."),
        ("+opt", "+optimizer."),
        ("~d", "~db ~db."),
        ("~optimizer.", "~optimizer.lr"),
        ("nowhere.", ""),
        ("seed.", ""),
    ],
)
def test_keys_are_completed_level_by_level(typed, candidates):
    assert completed(typed) == candidates


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("d", "db. db="),
        ("+d", "+db. +db/sub="),
        ("+e", "+extra="),
        ("e", ""),
        ("db=", "db=my db=pg"),
        ("db=p", "db=pg"),
        ("~db=", "~db=my ~db=pg"),
        ("+db/sub=", "+db/sub=one"),
        ("+db@second=m", "+db@second=my"),
    ],
)
def test_groups_are_completed_where_they_can_be_chosen(typed, candidates):
    assert completed(typed) == candidates


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("db=pg,", "db=pg,my"),
        ("db=pg,my,", ""),
        ("db=choice(my,", "db=choice(my,pg"),
        ("+extra=[", "+extra=[more"),
        ("verbose=true,", "verbose=true,false"),
    ],
)
def test_the_last_element_of_a_sweep_is_completed(typed, candidates):
    assert completed(typed) == candidates


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("seed=", "seed=0"),
        ("++seed=", "++seed=0"),
        ("name=", "name=my net"),
        ("half=", "half=0.1"),
        ("nothing=", "nothing=null"),
        ("verbose=", "verbose=false verbose=true"),
        ("optimizer=adam optimizer.betas=", "optimizer.betas=[0.9,0.99]"),
        ("seed=7", ""),
        ("needed=", ""),
        ("lost=", ""),
        ("nowhere=", ""),
        ("optimizer.nowhere=", ""),
    ],
)
def test_a_value_is_offered_as_it_is_now(typed, candidates):
    assert completed(typed) == candidates


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("m", "mlxp."),
        ("mlxp.use_l", "mlxp.use_logger="),
        ("+mlxp.logger.p", "+mlxp.logger.parent_log_dir="),
        ("mlxp.use_logger=f", "mlxp.use_logger=false"),
        ("mlxp.logger.parent_log_dir=", "mlxp.logger.parent_log_dir=./logs"),
    ],
)
def test_settings_are_completed(typed, candidates):
    assert completed(typed) == candidates


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("--c", "--cfg --config-dir --config-name --config-path"),
        ("-c", "-c -cd -cn -cp"),
        ("--ex", ""),
        ("--cfg ", "all job mlxp"),
        ("--cfg=j", "--cfg=job"),
        ("--nope=", ""),
        ("-cn ", "config other"),
        ("--only missing,", "missing,failed"),
        ("--cfg job -p d", "db db."),
        ("--cfg job -p db.", "db.host db.port"),
        ("-sc ins", "install=bash install=fish install=zsh"),
    ],
)
def test_flags_and_their_values_are_completed(typed, candidates):
    assert completed(typed) == candidates


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("db=my db.", "db.flag= db.host="),
        ("+extra=more extra.", "extra.y="),
        ("db=my,pg db.", "db.flag= db.host="),
        ("--cfg job db=my db.f", "db.flag="),
        ("+new.key=1 new.", "new.key="),
        ("seed=range(3) se", "seed="),
    ],
)
def test_the_words_that_stand_there_count(typed, candidates):
    assert completed(typed) == candidates


@pytest.mark.parametrize("broken", ["lr=[", "db=nope", "nope=1", "--bogus", "=", "'a b", "mlxp.nope=1", "db@x=my"])
def test_broken_words_do_not_stop_completion(broken):
    line = Line((broken, "db=my"), "db.f")
    given = readable_flags(line.words).overrides
    composed = composed_of_words(SOURCES, given, "config", Surroundings(), default_settings())

    assert completions(SOURCES, composed, line.words, line.current) == ("db.flag=",)


def test_groups_are_offered_even_if_a_choice_must_be_made_first():
    sources = Sources(
        (Layer("configs", {**CONFIGS, "config": "defaults:\n- db: ???\nseed: 0\n"}, frozenset({"db"})),)
    )

    assert completed("d", sources) == "db="
    assert completed("db=", sources) == "db=my db=pg"
    assert completed("db=my bad=1 se", sources) == "seed="


@pytest.mark.parametrize(
    ("line", "words", "current"),
    [
        ("python main.py ", (), ""),
        ("python -u ./main.py a=1 b", ("a=1",), "b"),
        ("./main.py 'a=b c' d", ("a=b c",), "d"),
        ('/some/where/main.py a="x\\"y" \'b', ('a=x"y',), "b"),
        ("'my dir/main.py' a\\ b ", ("a b",), ""),
        ("renamed a", (), "a"),
    ],
)
def test_a_line_is_split_as_a_shell_would(line, words, current):
    assert read_line(line, "/here/main.py") == Line(words, current)


def test_names_are_quoted_for_the_shell():
    assert install_script("bash", "/my dir/main.py", "/usr/bin/python3").endswith(
        "\n_mlxp_add '/my dir/main.py' /usr/bin/python3 python python3 main.py"
    )
    assert uninstall_script("fish", "/it's/main.py").endswith(r"_mlxp_remove '/it\'s/main.py'")


MAIN = """\
#!{python}
import json, sys
from pathlib import Path

if "-sc" not in sys.argv:
    Path("argv.json").write_text(json.dumps(sys.argv))
    sys.exit()

import mlxp_fn as mlxp

@mlxp.launch(config_path="configs")
def train(ctx):
    pass

train()
print("not for the shell")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("my project")
    for name in ("main.py", "other.py", "sub/main.py"):
        script = folder / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(MAIN.format(python=sys.executable))
        script.chmod(0o755)
    for name, text in CONFIGS.items():
        path = folder / "configs" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "data.txt").touch()
    return folder


def query(project, line, *arguments, **variables):
    environment = {**os.environ, "COMP_LINE": line, **variables}
    command = [sys.executable, "main.py", "-sc", *(arguments or ("query=bash",))]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_a_query_answers_one_candidate_a_line_and_ends_the_script(project):
    done = query(project, "python main.py db=my db.")

    assert (done.returncode, done.stdout, done.stderr) == (0, "db.flag=\ndb.host=\n", "")


def test_a_query_looks_no_further_than_the_cursor(project):
    assert query(project, "python main.py db= seed=3", COMP_POINT="18").stdout == "db=my\ndb=pg\n"


def test_a_query_asks_the_configs_that_the_line_names(project):
    assert query(project, "python main.py -cn other al").stdout == "alpha=\n"


def test_a_query_is_silent_where_nothing_can_be_read(project):
    done = query(project, "python main.py -cd nowhere s", MLXP_FULL_ERROR="1")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("wrong", ["", "install=tcsh", "instal=bash", "install"])
def test_what_completion_cannot_do_is_refused(project, wrong):
    done = query(project, "", *wrong.split(), "--multirun")

    assert done.returncode == 2
    assert "--shell-completion needs one of install, uninstall, query with one of bash, zsh, fish" in done.stderr


START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(python main.py -sc {}=bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'eval "$(python main.py -sc {}=zsh)"'),
    "fish": (["fish", "-N", "-i"], "python main.py -sc {}=fish | source"),
}


class Shell:
    """An interactive shell on a terminal of its own; what a line ran is what its script was given."""

    def __init__(self, kind, project):
        command, self._eval = START[kind]
        self.argv = project / "argv.json"
        path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"
        environment = {"HOME": str(project), "PATH": path, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        self.pid, self.terminal = pty.fork()
        if not self.pid:
            os.chdir(project)
            os.execvpe(command[0], command, environment)
        os.set_blocking(self.terminal, False)
        self.seen = b""

    def install(self):
        self.type(self._eval.format("install") + "\n")

    def uninstall(self):
        self.type(self._eval.format("uninstall") + "\n")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def runs(self, line):
        """The words that the script gets when `line` is typed, TAB and Enter."""
        self.argv.unlink(missing_ok=True)
        self.type(f"{line}\t")
        self.read(until=time.monotonic() + 0.3)
        self.type("\n")
        deadline = time.monotonic() + 180
        while not (self.argv.exists() and self.argv.stat().st_size):
            assert time.monotonic() < deadline, self.seen[-3000:].decode(errors="replace")
            self.read(until=time.monotonic() + 0.05)
        return json.loads(self.argv.read_text())[1:]

    def read(self, until):
        """Take in what is shown, so that the shell never waits for somebody to look."""
        while time.monotonic() < until:
            try:
                self.seen += os.read(self.terminal, 65536)
            except BlockingIOError:
                time.sleep(0.02)

    def close(self):
        os.close(self.terminal)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def started(kind, project):
    if not shutil.which(kind):
        pytest.skip(f"{kind} is not installed here")
    shell = Shell(kind, project)
    shell.install()
    return shell


@pytest.fixture(scope="module", params=sorted(START))
def shell(request, project):
    shell = started(request.param, project)
    yield shell
    shell.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("python main.py opti", ["optimizer"]),
        ("python main.py optimizer.", ["optimizer.lr="]),
        ("python main.py optimizer=a", ["optimizer=adam"]),
        ("python main.py db=pg,", ["db=pg,my"]),
        ("python main.py db=my db.f", ["db=my", "db.flag="]),
        ("./main.py +db@second=m", ["+db@second=my"]),
        ("python -u ./main.py --cfg=j", ["--cfg=job"]),
        ("cd . && ./main.py verbose=f", ["verbose=false"]),
        ("python3 sub/../main.py seed=1,2 needed", ["seed=1,2", "needed="]),
        ("./main.py name=", ["name=my net"]),
        ("./main.py mlxp.logger.parent_log_dir=", ["mlxp.logger.parent_log_dir=./logs"]),
    ],
)
def test_a_shell_completes_the_words_of_an_installed_script(shell, line, words):
    assert shell.runs(line) == words


@pytest.mark.parametrize("line", ["python other.py dat", "./sub/main.py dat", "python sub/main.py dat"])
def test_a_shell_completes_files_for_other_scripts(shell, line):
    assert shell.runs(line) == ["data.txt"]


def test_a_shell_completes_files_where_there_is_nothing_to_offer(shell):
    assert shell.runs("./main.py +file=dat") == ["+file=data.txt"]


@pytest.mark.parametrize("kind", sorted(START))
def test_a_shell_forgets_a_script_that_is_uninstalled(kind, project):
    shell = started(kind, project)
    shell.uninstall()

    assert shell.runs("python main.py opti") == ["opti"]
    shell.install()
    assert shell.runs("python main.py opti") == ["optimizer"]
    shell.close()


@pytest.fixture
def bash(project):
    shell = Shell("bash", project)
    yield shell
    shell.close()


def test_bash_completes_other_scripts_as_before(bash):
    bash.type("known() { COMPREPLY=(known:$2); }; complete -F known python; complete -W 'listed' python3\n")
    bash.install()

    assert bash.runs("python other.py x") == ["known:x"]
    assert bash.runs("python3 other.py li") == ["listed"]
    assert bash.runs("python main.py opti") == ["optimizer"]


def test_bash_gets_back_what_completed_before(bash):
    bash.type("complete -W 'listed' python3\n")
    bash.install()
    bash.install()
    bash.uninstall()

    assert bash.runs("python main.py opti") == ["opti"]
    assert bash.runs("python3 other.py li") == ["listed"]


def test_two_scripts_are_completed_in_one_bash(bash, project):
    bash.install()
    bash.type('eval "$(python sub/main.py -sc install=bash)"\n')

    assert bash.runs("python sub/main.py mlxp.use_l") == ["mlxp.use_logger="]
    assert bash.runs("python main.py opti") == ["optimizer"]
