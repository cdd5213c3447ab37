"""From values and templates to jobs; whatever a value is, no shell takes it for syntax."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fjd import control, jobfile, submission
from fjd.errors import JobFileError, UsageError
from fjd.jobfile import JobSpec
from fjd.spool.layout import Layout, is_job_name
from fjd.submission import Template, quoting, stencil
from fjd.submission.names import Namer
from fjd.submission.quoting import Context

# ---- values to try


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=x", ["x"]),
        (" lr = 0.1, 0.01", ["0.1", "0.01"]),
        ("seed=1..5", ["1", "2", "3", "4", "5"]),
        ("n=1..10..4", ["1", "5", "9"]),
        ("n=3..1", ["3", "2", "1"]),
        ("n=10..0..-5", ["10", "5", "0"]),
        ("n=-1..1", ["-1", "0", "1"]),
        ("n=08..11", ["08", "09", "10", "11"]),
        ("p=0..1..0.25", ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        ("x=1..2,7,a", ["1", "2", "7", "a"]),
        ("x=../data,a..b", ["../data", "a..b"]),
        ('x="a,b", "","say \\"hi\\""', ["a,b", "", 'say "hi"']),
        ("x=a=b", ["a=b"]),
        ("x='a b'", ["'a b'"]),
    ],
)
def test_values_as_people_write_them(text: str, values: list[str]) -> None:
    assert list(submission.parse_axis(text).values) == values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lr", "KEY=VALUES"),
        ("=1", "KEY=VALUES"),
        ("1a=1", "KEY=VALUES"),
        ("a=", "an empty value"),
        ("a=1,,2", "an empty value"),
        ("a=1,", "an empty value"),
        ('a="b', "quote"),
        ('a="b"c', "quote"),
        ("n=1..5..0", "step of 0"),
        ("n=1..100000000", "100,000,000 values"),
    ],
)
def test_what_is_no_axis_is_said_to(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        submission.parse_axis(text)


@given(st.lists(st.text(st.characters(exclude_characters='"\\', codec="utf-8"), min_size=1), min_size=1, max_size=5))
def test_any_value_can_be_said_in_quotes(values: list[str]) -> None:
    text = ",".join(f'"{value}"' for value in values)
    assert list(submission.parse_axis(f"a={text}").values) == values


def axes(*texts: str) -> list[submission.Axis]:
    return [submission.parse_axis(text) for text in texts]


def test_each_combination_and_pairs() -> None:
    two = axes("a=1,2", "b=x,y")
    assert [dict(b) for b in submission.product(two)] == [
        {"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "x"}, {"a": "2", "b": "y"},
    ]  # fmt: skip
    assert [dict(b) for b in submission.zipped(two)] == [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]


def test_what_cannot_be_combined_is_said_to() -> None:
    with pytest.raises(UsageError, match="a has 2, b has 3"):
        list(submission.zipped(axes("a=1,2", "b=1..3")))
    with pytest.raises(UsageError, match="one key"):
        submission.product(axes("a=1", "A=2"))
    with pytest.raises(UsageError, match="4,000,000 jobs"):
        submission.product(axes("a=1..2000", "b=1..2000"))


# ---- lists


def test_lines_and_commands() -> None:
    assert submission.from_lines("a b\r\n\n  c #d\n") == [(("line", "a b"),), (("line", "c #d"),)]
    assert submission.commands("# mine\n./a 'x y' > o\n\n ./b\n") == ["./a 'x y' > o", "./b"]


def test_a_table() -> None:
    rows = submission.from_csv('\ufefflr , note\n0.1,"a, ""b"""\n\n0.2,\n')
    assert rows == [(("lr", "0.1"), ("note", 'a, "b"')), (("lr", "0.2"), ("note", ""))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a,,b\n", "column 2"),
        ("a,A\n", "twice"),
        ("a,{b}\n", "braces"),
        ("a,b\n1,2\n1\n", "line 3 has 1 cells"),
        ('a\n"x\n', "line"),
    ],
)
def test_what_is_no_table_is_said_to(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        submission.from_csv(text)


# ---- texts with names in braces


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{a}-{b}/{a}", "1-2/1"),
        ("{c} {a,b} ${a} {} {print $1}", "{c} {a,b} ${a} {} {print $1}"),
        ("{{a}} {{{a}}}", "{a} {{a}}"),
        ("{ab}{a}", "3" + "1"),
        ("", ""),
    ],
)
def test_only_what_is_bound_is_replaced(text: str, filled: str) -> None:
    assert stencil.plain(text, ["a", "ab", "b"])({"a": "1", "b": "2", "ab": "3"}) == filled


def test_slips_of_the_keyboard_are_found() -> None:
    template = Template(JobSpec("", "{x}.log"), ("run", "{lrr}", "{lr}", "${HOME}", "{{y}}", "{a b}"))
    assert submission.slips(template, ["lr"]) == ["lrr", "x"]


# ---- quoting

PRINT = "printf '<%s>' "
HOSTILE = [
    "$(touch pwned)", "`touch pwned`", "; touch pwned", "' ; touch pwned; '", '" ; touch pwned; "', "\\", "$HOME",
    "a b", "*",
    "~", "!x", "|", "&", "\\'", "'", '"', "", "-n", "=", "a=b", "ö", "{a}", "x\ty", "%s", "\\$(touch pwned)",
]  # fmt: skip


def words_of(line: str, cwd: Path) -> str:
    run = subprocess.run(["/bin/sh", "-c", line], cwd=cwd, capture_output=True, timeout=20, check=True)
    assert not run.stderr
    assert not (cwd / "pwned").exists()
    return run.stdout.decode()


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (PRINT + "{x}", "<X>"),
        (PRINT + "a{x}b c", "<aXb><c>"),
        (PRINT + "'a {x}'", "<a X>"),
        (PRINT + '"a {x} $Z"', "<a X >"),
        (PRINT + "{x} | cat", "<X>"),
        (PRINT + '"$(printf %s {x})"', "<X>"),
        (PRINT + '"$(printf %s "b {x}")"', "<b X>"),
        ('Z={x}; printf "<%s>" "$Z"', "<X>"),
        (PRINT + "'it'\\''s {x}' # it's", "<it's X>"),
        ("(" + PRINT + "{x})", "<X>"),
    ],
)
def test_a_value_is_one_piece_of_text_wherever_it_stands(value: str, line: str, expected: str, tmp_path: Path) -> None:
    assert words_of(stencil.shell(line, ["x"])({"x": value}), tmp_path) == expected.replace("X", value)


@pytest.mark.parametrize(
    "line",
    ["echo `echo {x}`", "echo $(( {x} ))", "echo ${Z:-{x}}", "echo a # {x}", "echo \\{x}", "echo $'{x}'", "cat <<{x}",
     "sh -c 'echo {x}'", "/bin/bash -ec \"{x}\"", "ssh host {x}", "eval {x}", "case a in a) echo {x};; esac",
     'echo "${Z:-\'}" {x}']
)  # fmt: skip
def test_where_the_shell_would_read_a_value_again_only_plain_ones_are_taken(line: str) -> None:
    fill = stencil.shell(line, ["x"])
    assert fill({"x": "0.1"}) == line.replace("{x}", "0.1")
    with pytest.raises(JobFileError, match=r"\{x\}: the value"):
        fill({"x": "a b"})


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_no_value_is_ever_syntax(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    lines = [PRINT + "{x}", PRINT + "'{x}'", PRINT + '"{x}"', PRINT + '"$(printf %s {x}; printf .)"']
    line = "; ".join(stencil.shell(line, ["x"])({"x": value}) for line in lines)
    assert words_of(line, tmp_path_factory.getbasetemp()) == f"<{value}>" * 3 + f"<{value}.>"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_word_of_an_argv_stays_a_word(value: str, tmp_path: Path) -> None:
    line = stencil.argv(["printf", "<%s>", "{x}", "a{x}", "'$y'"], ["x"])({"x": value})
    assert words_of(line, tmp_path) == f"<{value}><a{value}><'$y'>"


def test_a_script_for_another_shell_takes_no_value_but_its_arguments_do() -> None:
    with pytest.raises(JobFileError, match="piece of shell"):
        stencil.argv(["sh", "-c", "echo {x}"], ["x"])({"x": "$(true)"})
    with pytest.raises(JobFileError, match="piece of shell"):
        stencil.argv(["ssh", "host", "echo", "{x}"], ["x"])({"x": ";"})
    assert stencil.argv(["sh", "-c", 'echo "$1"', "sh", "{x}"], ["x"])({"x": ";"}) == "exec sh -c 'echo \"$1\"' sh ';';"


@pytest.mark.parametrize(
    "argv", [["A=1"], ["my tool", "x"], ["if"], ["./a", "$1"], ["echo", ""], ["printf", "%s", "a'b"]]
)
def test_a_command_line_can_be_written_into_a_job_file(argv: Sequence[str]) -> None:
    for takes_file in (True, False):
        line = submission.command_line(argv, takes_file=takes_file)
        assert jobfile.parse(jobfile.render(JobSpec(line)).encode()).executable == line


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=4))
def test_no_argv_is_given_a_file_that_it_did_not_ask_for(argv: list[str]) -> None:
    assert not jobfile.takes_path(submission.command_line(argv))
    assert jobfile.needs_shell(submission.command_line(argv))


@pytest.mark.parametrize(("line", "stands"), [("gzip a", "gzip a;"), ("a | b", "a | b"), ("a; b &", "a; b &")])
def test_no_line_is_given_a_file_either(line: str, stands: str) -> None:
    assert submission.as_it_stands(line) == stands


def test_plain_words_need_no_shell() -> None:
    assert not jobfile.needs_shell(
        submission.command_line(["python", "t.py", "--lr=0.1", "data/x,y:z@1+%"], takes_file=True)
    )


def test_the_kinds_of_quotes() -> None:
    assert quoting.contexts("a 'b' \"c\" d", [0, 3, 7, 10]) == [
        Context.OPEN, Context.SINGLE, Context.DOUBLE, Context.OPEN,
    ]  # fmt: skip


# ---- names


def named(pattern: str, values: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    namer = Namer(pattern, ["x"], set(taken))
    return [namer.name({"x": value}, number) for number, value in enumerate(values, 1)]


def test_names_are_numbered_or_made_from_values() -> None:
    assert named("", ["a", "b"]) == ["job1", "job2"]
    assert named("", ["a", "b"], ["job7", "job3.conf"]) == ["job8", "job9"]
    assert named("run2", ["a", "b"]) == ["run2-1", "run2-2"]
    assert named("scan-{x}.conf", ["0.1", "a/b", "a b", "a\nb"]) == [
        "scan-0.1.conf", "scan-a_b.conf", "scan-a_b-2.conf", "scan-a_b-3.conf",
    ]  # fmt: skip
    assert named("{x}", ["same", "same"], ["same", "same-2"]) == ["same-3", "same-4"]
    assert named("{n}-{x}", ["a", "b"]) == ["1-a", "2-b"]


@given(st.lists(st.text(max_size=300), min_size=1, max_size=6), st.sampled_from(["", "{x}", "a-{x}", "{x}~", ".{x}"]))
def test_names_are_good_and_none_comes_twice(values: list[str], pattern: str) -> None:
    names = named(pattern, values, ["_"])
    assert len({*names, "_"}) == len(values) + 1
    assert not [problem for name in names if (problem := control.name_problem(name))]
    assert all(map(is_job_name, names))


def test_a_single_job_has_the_name_that_was_chosen() -> None:
    assert submission.one(Template(JobSpec("true"), name="mine"))[0] == "mine"
    assert submission.one(Template(JobSpec("true")), {"job4"})[0] == "job5"
    assert [name for name, _ in submission.many(Template(JobSpec("true"), name="mine"), [(("a", "1"),)])] == ["mine"]


# ---- whole jobs


def test_values_go_into_every_part_of_a_job() -> None:
    spec = JobSpec(
        "", "log/{a}", "w{a}", params=(("k", "{a}+{n}"), ("B", "mine")),
        options=(("priority", "{b}"), ("on-success", "echo '{a}'")), env=(("X", "{a}"),),
    )  # fmt: skip
    template = Template(spec, ("run", "--a", "{a}"), name="j-{a}")
    (job,) = submission.many(template, [(("a", "x y"), ("b", "3"))])
    assert job == (
        "j-x_y",
        JobSpec(
            "exec run --a 'x y';", "log/x y", "wx y", params=(("k", "x y+1"), ("B", "mine"), ("a", "x y")),
            options=(("priority", "3"), ("on-success", "echo 'x y'")), env=(("X", "x y"),),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "executable"),
    [
        (("gzip",), "exec gzip 'a b';"),
        (("cp", "{}", "{}.old"), "exec cp 'a b' 'a b.old';"),
        (("x", "-{line}-"), "exec x '-a b-';"),
    ],
)
def test_a_line_is_the_last_argument_or_stands_for_braces(argv: tuple[str, ...], executable: str) -> None:
    (job,) = submission.many(Template(JobSpec(""), argv), submission.from_lines("a b\n"))
    assert job == ("job1", JobSpec(executable))


def test_a_line_is_the_command_when_there_is_no_other() -> None:
    jobs = list(submission.each(Template(JobSpec("", "l"), name="t"), submission.commands("a > b\nc\n")))
    assert jobs == [("t1", JobSpec("a > b;", "l")), ("t2", JobSpec("c;", "l"))]


def test_a_value_that_cannot_stand_there_is_told_with_its_job() -> None:
    with pytest.raises(JobFileError, match=r"^job1: \{a\}: the value"):
        list(submission.many(Template(JobSpec("echo `{a}`")), [(("a", ";"),)]))
    with pytest.raises(UsageError, match="no jobs"):
        list(submission.many(Template(JobSpec("true")), []))


TEXT = st.text(max_size=12) | st.sampled_from(["a", "b c", "'x'", "#", '"', "1h", "2", "yes", "2G", "a,b", ""])
SPECS = st.builds(
    JobSpec, TEXT, TEXT, TEXT,
    params=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    options=st.dictionaries(st.sampled_from(jobfile.OPTIONS), TEXT.filter(bool), max_size=3).map(
        lambda said: tuple((key, said[key]) for key in jobfile.OPTIONS if key in said)
    ),
    env=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
)  # fmt: skip


@settings(deadline=None)
@given(SPECS)
def test_many_are_written_as_one_is(spec: JobSpec) -> None:
    renderer = jobfile.Renderer()
    renderer.render(JobSpec("true", params=(("a", ""),)))
    assert said(renderer.render, spec) == said(lambda spec: jobfile.render(spec).encode(), spec)


def said(render: Callable[[JobSpec], bytes], spec: JobSpec) -> bytes | str:
    try:
        return render(spec)
    except JobFileError as error:
        return str(error)


def test_a_batch_is_made_of_what_was_submitted(layout: Layout) -> None:
    template = Template(JobSpec("", "d/{seed}.log"), ("run", "{seed}"))
    done = control.submit_many(layout, submission.many(template, list(submission.product(axes("seed=1..3")))))
    assert done == control.Submitted(("job1", "job2", "job3"))
    text = Path(layout.queued("job2")).read_bytes()
    assert jobfile.parse(text) == JobSpec("exec run 2;", "d/2.log", params=(("seed", "2"),))
