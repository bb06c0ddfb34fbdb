"""A script with its output redirections taken out is the same script otherwise, line for line."""

import pytest

from mlxp_fn.jobs.shell_text import without_outputs


@pytest.mark.parametrize(
    ("script", "targets"),
    [
        ("a > b 2>&1 | tee x", ("b",)),
        ('if (( 1 > 2 )) && [[ a > b ]]; then echo "x > y $(foo > z)" >"q r"; fi', ("z", '"q r"')),
        ("cat <<EOF > out\na > b\nEOF\necho hi >> c # d > e", ("out", "c")),
        ("cat <<-'END' >out\n\ta > b\n\tEND\nls > c", ("out", "c")),
        ("x=$(a>b; echo 'c>d')", ("b",)),
        ("echo a >&2 &> f; exec > log.txt 2>&1", ("f", "log.txt")),
        ('echo ${x:-">"} $((1>2)) >\\\n z', ("z",)),
        ("while read a; do x; done < in.txt > out", ("out",)),
        ("a=(1 2) ; f() { b >c; }", ("c",)),
        ("echo x#y > z ; case a in b) c > d;; esac", ("z", "d")),
        ("echo $'it\\'s > ' > r", ("r",)),
        ("a > /dev/null 2> /dev/stderr >&- 3>&1", ()),
        ("read x <<< 'a > b'", ()),
        ("diff <(a > b) <(c)", ("b",)),
        ('x=`a > b; c 2>d`; y="`e >f`" > g', ("b", "d", "f", "g")),
        (r"x=`a \`b > c\` # > d`; e > f", ("c", "f")),
        ("x=`a >b # c`\nd > e", ("b", "e")),
        ("cat <<A <<'B' > out\n$(a > b)`c > d` > \\$(e > f)\nA\n$(g > h)\nB\ni > j", ("out", "b", "d", "j")),
    ],
)
def test_every_file_that_is_written_is_found_and_nothing_else(script, targets):
    harmless = without_outputs(script)

    assert harmless.targets == targets
    assert harmless.restored(harmless.text) == script
    assert harmless.text.count("\n") == script.count("\n")


def test_what_a_command_would_have_written_is_known_from_its_text():
    harmless = without_outputs("python main.py > 'a b' 2> c")

    assert harmless.written(harmless.text) == ("'a b'", "c")
