"""bash interprets a script and does nothing of it; what it notes is what would have been launched."""

import os
from pathlib import Path

import pytest

from mlxp_fn.effects.collecting import collected
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.reading import read_script


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(text, *arguments):
    Path("script.sh").write_text(text)
    with collected(Path("script.sh"), arguments) as found:
        reading = read_script(found.notes, found.script, found.statements, lambda command, cwd: True)
        environments = [found.environment(launch.environment) for launch in reading.launches]
    return reading, environments


def words(text, *arguments):
    return [launch.command.arguments for launch in read(text, *arguments)[0].launches]


def test_loops_functions_conditions_and_substitutions_give_exact_words():
    text = """
        go() { local name=$1; python main.py "name=$name" "${@:2}"; }
        for seed in $(seq 1 2); do go "a b" seed=$seed; done
        if [[ -f nowhere ]]; then go never; else go else; fi
        printf '1 x\\n2 y\\n' > list; cat script.sh | head -n 1 | while read -r; do python main.py once; done
        [[ axb =~ (.)x(.) ]]; python main.py "${BASH_REMATCH[2]}" $'a\\nb' \\$HOME '$x;&'
        while read -r first second; do python main.py $first-$second; done <<< $'1 2\\n3 4'
        line=l text=t name=n; python main.py $line$text$name
        """
    assert words(text) == [
        ("name=a b", "seed=1"),
        ("name=a b", "seed=2"),
        ("name=else",),
        ("once",),
        ("b", "a\nb", "$HOME", "$x;&"),
        ("1-2",),
        ("3-4",),
        ("ltn",),
    ]


def test_no_other_command_acts():
    Path("keep").write_text("kept")
    words("""
        rm -f keep; mkdir made; touch touched; echo x > written; ls > listed
        x=$(rm -f keep; touch touched)
        y=`rm -f keep; echo x > ticked; echo "$(echo y >> "ticked too")"`
        for i in 1 2; do cp keep copy$i; done > loop.txt
        { mv keep moved; } 2>> err | tee teed
        (./script.sh; /bin/rm keep) &
        exec > all.txt
        python main.py > out.txt 2>&1
        """)

    assert (os.listdir(), Path("keep").read_text()) == (os.listdir(), "kept")
    assert sorted(os.listdir()) == ["keep", "script.sh"]


def test_arguments_of_the_script_are_its_own():
    assert words('python main.py seed="$1" n=$#', "a b", "c") == [("seed=a b", "n=2")]


def test_launches_behind_exec_command_and_in_subshells_are_found():
    text = (
        "(cd /tmp && python main.py a)\ncommand python main.py b &\nwait\nexec python main.py c\npython main.py d\n"
    )
    reading, _ = read(text)

    assert [(launch.command.arguments, launch.cwd) for launch in reading.launches] == [
        (("a",), "/tmp"), (("b",), os.getcwd()), (("c",), os.getcwd()),
    ]  # fmt: skip
    assert [launch.line for launch in reading.launches] == [1, 2, 4]


def test_environments_are_what_the_launch_would_inherit():
    text = "export A='x\ny' B=$SLURM_JOB_ID\nC='a \"b\" \\$' D=2 python main.py\npython main.py\n"
    _, (first, second) = read(text)

    assert (first["A"], first["C"], first["D"]) == ("x\ny", 'a "b" \\$', "2")
    assert "B" not in first
    assert ("C" in second, "D" in second) == (False, False)


def test_lines_that_make_the_environment_are_kept_in_order_with_what_they_need():
    text = "x=1 y='a b'\nmodule load cuda/$x\nset -- p q\nexport A=$y:$PATH\ncd /\nulimit -c 0\npython main.py\n"
    (launch,) = read(text)[0].launches

    assert launch.setup[1:] == (
        "x='1'", "module load cuda/$x", "set -- p q", "y='a b'", "export A=$y:$PATH", "cd -- / || exit",
        "ulimit -c 0",
    )  # fmt: skip


def test_lines_after_a_launch_are_those_of_the_script():
    text = (
        "o=out\npython main.py a\ncp $o x && rm $o\n# a remark\nif true; then\n  echo > y\nfi\npython main.py b\n"
    )
    first, second = read(text)[0].launches

    assert first.after == ("o='out'", "cp $o x && rm $o", "if true; then\n  echo > y\nfi")
    assert second.after == ()


def test_a_pipe_to_tee_is_kept_and_what_is_left_out_is_said():
    text = "mkdir results\nfor s in 1 2; do python main.py $s | tee log$s; done\npython main.py > out\n"
    reading, _ = read(text)

    assert [launch.tee for launch in reading.launches] == [("log1",), ("log2",), ()]
    assert reading.notes == (
        "line 3: the output goes to the run directory instead of out",
        "line 1: `mkdir results` is left out: a job has the launch and the lines that make its environment",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\nexit 3", "line 2: the script ends there with status 3: exit 3"),
        ("python main.py $(python main.py)", "line 1: the output of the launch goes into a pipe"),
        ("x=$(squeue)\npython main.py $x", "line 2: the launch needs what a command in line 1 prints"),
        ("$(which python) main.py", "line 1: write the name of the command instead of"),
        ("for x in 1", "line 2: syntax error"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_line(text, reason):
    with pytest.raises(SubmissionError) as refusal:
        read(text)

    assert reason in str(refusal.value)
