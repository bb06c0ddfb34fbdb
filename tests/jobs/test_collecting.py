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

    assert first.after_needs == ("o='out'",)
    assert first.after == ("cp $o x && rm $o", "if true; then\n  echo > y\nfi")
    assert second.after == ()


def setup_of(text):
    (*_, launch) = read(text)[0].launches
    return list(launch.setup[1:])


def test_what_only_a_job_knows_is_evaluated_again_and_once():
    text = "base=/s\ntmp=$base/$SLURM_JOB_ID\nw=$(mktemp -d)\nexport A=$tmp B=$w\nexport C=$w\npython main.py\n"
    (launch,) = read(f"{text}rm -r $w")[0].launches

    assert launch.setup[1:] == (
        "base='/s'", "tmp=$base/$SLURM_JOB_ID", "w=$(mktemp -d)", "export A=$tmp B=$w", "export C=$w",
    )  # fmt: skip
    assert (launch.after_needs, launch.after) == ((), ("rm -r $w",))
    assert setup_of("t=$SLURM_JOB_ID\nA=$t/x python main.py") == ["t=$SLURM_JOB_ID", "export A=$t/x"]
    with pytest.raises(SubmissionError, match="line 1: only a job knows h; assign it on a line of its own"):
        read("for h in $(squeue); do export A=$h; done; python main.py")


def test_lines_that_are_not_reached_here_have_their_variables_in_the_job():
    text = """
        out=o list=(a b) never=n
        declare -A of=([a]=1)
        readonly r=1
        say() { echo "$out"; }
        clean() { rm -rf "$out/tmp" "$SLURM_JOB_ID"; say; }
        python main.py
        if [[ $? != 0 ]]; then echo ${list[0]} ${of[a]} $r; clean; fi
        """
    (launch,) = read(text)[0].launches

    values = [line for line in launch.after_needs if "()" not in line]
    assert sorted(values) == ['declare -A of=([a]="1" )', 'declare -a list=([0]="a" [1]="b")', "out='o'", "r='1'"]
    assert sorted(line.split()[0] for line in launch.after_needs if "()" in line) == ["clean", "say"]
    assert launch.after[0].split()[0] == "if"
    assert read("trap 'scontrol requeue $SLURM_JOB_ID' USR1\npython main.py")[0].notes == (
        "line 1: in a job signals go to the run, not to this trap",
    )
    trapped = setup_of("d=/s\nclean() { rm -rf $d/tmp; }\ntrap clean EXIT\npython main.py")
    assert (trapped[1:], trapped[0].split()[0]) == (["trap clean EXIT", "d='/s'"], "clean")


def test_whatever_a_launch_inherits_is_made_in_the_job(monkeypatch):
    monkeypatch.setenv("WITH", "1")
    Path("more.sh").write_text("export A=1\nrun() { python main.py $1; }\n")
    Path("launches.sh").write_text("python main.py\n")

    assert setup_of("PATH=/x:$PATH\nWITH=2\nplain=3\npython main.py") == ["PATH=/x:$PATH", "WITH=2"]
    assert setup_of("export A=1\nA=2 WITH=3 python main.py") == ["export A=1"]
    assert setup_of("source ./more.sh\n. launches.sh\nrun a") == ["source ./more.sh"]
    assert setup_of("dir=/d\nexport A=$dir/a\npython main.py") == ["dir='/d'", "export A=$dir/a"]
    assert setup_of("set -a\nB=1\nset +a\npython main.py") == ["set -a", "B=1", "set +a"]


def test_directories_that_may_be_there_are_made_in_the_job():
    text = "t=/s/$SLURM_JOB_ID\nmkdir -p $t\nmkdir a\npython main.py\nmkdir -p b\n"
    (launch,) = read(text)[0].launches

    assert launch.setup[1:] == ("t=/s/$SLURM_JOB_ID", "mkdir -p $t")
    assert launch.after == ("mkdir -p b",)
    assert [note.split(" is ")[0] for note in read(text)[0].notes] == ["line 3: `mkdir a`"]
    assert not any(map(os.path.isdir, "ab"))


def test_what_is_computed_of_what_only_a_job_knows_is_computed_there():
    assert setup_of("export P=$((1 + SLURM_JOB_ID % 9))\n(( SLURM_PROCID > 0 )) && exit\npython main.py") == [
        "export P=$((1 + SLURM_JOB_ID % 9))"
    ]


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
        ("\nset -eu\n\n. ./nothere", "line 4: the script ends there with status 1: . ./nothere"),
        ("python main.py $(python main.py)", "line 1: the output of the launch goes into a pipe"),
        ("x=$(squeue)\npython main.py $x", "line 2: the launch needs what a command in line 1 prints"),
        (
            "s=(1 2)\npython main.py ${s[$SLURM_ARRAY_TASK_ID]}",
            "line 2: what is computed needs SLURM_ARRAY_TASK_ID",
        ),
        ("s=(1 2)\nx=${s[SLURM_PROCID]}\npython main.py $x", "line 2: what is computed needs SLURM_PROCID"),
        (
            "x=$(sed -n ${SLURM_ARRAY_TASK_ID}p f)\npython main.py $x",
            "line 2: the launch needs what a command in line 1",
        ),
        ("$(which python) main.py", "line 1: write the name of the command instead of"),
        ("for x in 1", "line 2: syntax error"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_line(text, reason):
    with pytest.raises(SubmissionError) as refusal:
        read(text)

    assert reason in str(refusal.value)
