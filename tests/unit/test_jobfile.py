"""The job file: what is taken, what is refused and why, and that both parsers read what is written."""

import configparser
import io
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest
from configobj import ConfigObj
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fjd import jobfile
from fjd.errors import JobFileError
from fjd.jobfile import Field, JobSpec

# Reading


@pytest.mark.parametrize(
    "text",
    [
        "[control]\nexecutable: python ajob.py\nlogfile: data/job0.dat\n\n[params]\nparam1: value0\n",
        "[control]\nexecutable = python ajob.py\nlogfile=data/job0.dat\n[params]\nparam1 =value0",
        "\ufeff[Control]\r\nExecutable:python ajob.py\r\nLOGFILE: data/job0.dat\r\n[PARAMS]\r\nParam1: value0\r\n",
        "# one\n; two\n[control]\rexecutable:\n  python ajob.py\n#\nlogfile: data/job0.dat\n[params]\nparam1:value0",
        "  [control]\n  executable: python ajob.py\n  logfile: data/job0.dat\n  [x]\n  a=1\n[params]\nparam1: value0\n",
        "[DEFAULT]\nexecutable: python ajob.py\n[control]\nlogfile: data/job0.dat\n[params]\nparam1: value0\n",
    ],
)
def test_whatever_configparser_takes_is_taken(text: str) -> None:
    expected = JobSpec("python ajob.py", logfile="data/job0.dat", params=(("param1", "value0"),))
    assert jobfile.parse(text.encode()) == expected


def test_values_are_kept_as_they_are() -> None:
    spec = jobfile.parse(b"[control]\nexecutable: a '%(x)s' # b ; c\nworkdir: /tmp/\xc3\xa9\n")
    assert spec == JobSpec("a '%(x)s' # b ; c", workdir="/tmp/é")


def test_a_command_over_several_lines_is_a_script() -> None:
    assert jobfile.parse(b"[control]\nexecutable: set -e\n  a\n\n  # b\n  c\n").executable == "set -e\na\n\nc"


def test_unknown_keys_are_told() -> None:
    spec = jobfile.parse(b"[DEFAULT]\nx: 1\n[control]\nexecutable: a\nlogfil: b\n")
    assert spec.unknown == ("logfil",)
    assert "did you mean logfile?" in jobfile.slip("logfil")
    assert "did you mean retry-on?" in jobfile.slip("retry_on")
    assert "did you mean" not in jobfile.slip("zzz")


def test_options_are_read_as_text_and_mean_something() -> None:
    spec = jobfile.parse(
        b"[control]\nAfter: prep*.conf, 'b c'\nexecutable: a\nTIMEOUT = 1h30m\nretries:\nretry-on: 1, 3-5\n"
        b"priority: -3\nmemory: 2G\nmemory-limit: yes\ntags: gpu big\n[env]\nPATH: /bin:/x\nhttp_proxy = p\n"
    )
    assert spec.options[:3] == (("priority", "-3"), ("timeout", "1h30m"), ("retry-on", "1, 3-5"))
    assert spec.env == (("PATH", "/bin:/x"), ("http_proxy", "p"))
    terms = spec.terms
    assert (terms.priority, terms.timeout_s, terms.retries, terms.retry_on) == (-3, 5400, 0, frozenset({1, 3, 4, 5}))
    assert (terms.after, terms.memory_bytes, terms.limits_memory) == (("prep*.conf", "b c"), 2 << 30, True)
    assert terms.tags == {"gpu", "big"}
    assert jobfile.parse(b"[control]\nexecutable: a").terms is jobfile.NO_TERMS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"[control]\nexecutable: a\0b\n", "byte 23 is NUL"),
        ("[control]".encode("utf-16"), "UTF-16"),
        (b"\xef\xbb\xbf[control]\nexecutable: caf\xe9\n", "byte 28 (line 2) is not UTF-8"),
        (b"[control]\nexecutable: " + b"a" * jobfile.MAX_BYTES, "larger than 1,048,576 bytes"),
        (b"[control]\nexecutable: a\n" + b"\n" * jobfile.MAX_LINES, "more than 10,000 lines"),
        (b"executable: a\n", "line 1: text above the first section"),
        (b"[params]\na: 1\n", "no [control] section"),
        (b"[control]\nlogfile: a\n", "does not say what to run"),
        (b"[control]\nexecutable:\n", "does not say what to run"),
        (b"[control]\nexecutable: # later\n", "only a comment"),
        (b"[control]\nexecutable: a\nExecutable: b\n", "line 3: 'executable' is in [control] twice"),
        (b"[control]\nexecutable: a\n[control]\n", "line 3: a second section [control]"),
        (b"[control]\nexecutable: a\n[Control]\n", "[control] and [Control] are one section"),
        (b"[control]\nexecutable: a\nfoo\x1b\n", r"line 3: 'foo\x1b' is neither"),
        (b"[control]\nexecutable: a\n  logfile: b\n", "line with logfile is indented"),
        (b"[control]\nexecutable: a\nlogfile: b\n  workdir: c\n", "logfile goes over more than one line"),
        (b"[control]\nexecutable: a\n\nTimeout = 5x\n", "line 4: timeout: '5x' is no duration; write 90 (seconds)"),
        (b"[control]\nexecutable: a\nretries: -1\n", "line 3: retries: '-1' is no whole number from 0 to 1,000,000"),
        (b"[control]\nexecutable: a\nmemory-limit: yes\n", "line 3: memory-limit: limits to what memory says"),
        (b"[control]\nexecutable: a\nafter: x/y\n", "line 3: after: names jobs, and no job's name has a /"),
        (b"[control]\nexecutable: a\n[env]\na-b: c\n", "[env] has 'a-b', which is no name of a variable"),
        (b"[control]\nexecutable: a\n[env]\nA: c\na: d\n", "line 5: 'a' is in [env] twice"),
        (b"[control]\nexecutable: a\nb" + b" " * 101 + b"c = d\n", "line 3: more than 100 blanks"),
    ],
)
def test_a_refusal_says_what_and_where(data: bytes, words: str) -> None:
    with pytest.raises(JobFileError) as caught:
        jobfile.parse(data)
    assert words in str(caught.value)


def test_blanks_are_refused_only_where_they_cost() -> None:
    blanks = " " * 5000
    data = f"[control]{blanks}\n#a{blanks}b\n{blanks}\nexecutable{blanks[:90]}: a{blanks}b{blanks}\n{blanks}c{blanks}\n"
    assert jobfile.parse(data.encode()).executable == f"a{blanks}b\nc"


@pytest.mark.parametrize(
    "part",
    [
        b" ",
        b"a",
        b"a ",
        b"a\n",
        b"=\n",
        b":",
        b"[",
        b"[x\n",
        b"\n ",
        b"\t\n",
        b"x" + b" " * 99,
        b"\xe2\x80\x83a",
        b"\n#",
        b"\n" + b"q" * 110,
        b"$(",
        b"9",
        b"${",
        b"! ",
        b"a=1 ",
        b"9>",
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[control]\n",
        b"[control]\nexecutable: a\n",
        b"[control]\nexecutable: a $",
        b"[control]\nexecutable: a\n  ",
    ],
)
def test_no_file_takes_long(head: bytes, part: bytes) -> None:
    data = (head + part * jobfile.MAX_BYTES)[: jobfile.MAX_BYTES]
    began = time.process_time()
    try:
        command = jobfile.parse(data).executable
    except JobFileError:
        pass
    else:
        jobfile.needs_shell(command)
        jobfile.takes_path(command)
    assert time.process_time() - began < 5


def said(data: bytes) -> str:
    """The command in ``data``, or the words with which it is refused; any other error is passed on."""
    try:
        return jobfile.parse(data).executable
    except JobFileError as error:
        return str(error)


LINES = st.sampled_from(
    [
        *("[control]", "[Control]", "[params]", "[DEFAULT]", "[", "[]", "[ control ]", "[control] # x", "[control]]"),
        *(
            "executable: a",
            "executable=",
            "Executable = b",
            "executable",
            " x",
            "  y: z",
            "\tw = ",
            "= x",
            ":",
            "a",
            "",
        ),
        *(
            "# c",
            "; d",
            " # e",
            "logfile: f",
            "workdir: g",
            "\ufeff",
            "\x0c",
            "\x85x: y",
            "k = v",
            "K = w",
            "\r",
            "é: à",
        ),
    ]
)


@given(st.binary() | st.text().map(str.encode) | st.lists(LINES).map("\n".join).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert said(data)


@given(st.lists(LINES).map("\n".join), st.integers(0, 200), st.binary(max_size=4))
def test_damaged_files_are_read_or_refused(text: str, at: int, damage: bytes) -> None:
    data = f"[control]\nexecutable: a\n{text}".encode()
    assert said(data[:at] + damage + data[at + 1 :])


@given(st.lists(LINES).map("\n".join))
def test_configparser_says_the_same(text: str) -> None:
    data = f"[control]\nexecutable: a\n{text}".encode()
    try:
        spec = jobfile.parse(data)
    except JobFileError:
        assume(False)
    parser = configparser.RawConfigParser()
    parser.read_file(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig"))
    section = next(name for name in parser.sections() if name.strip().lower() == "control")
    assert spec.executable == parser[section]["executable"].strip()
    assert spec.logfile == parser[section].get("logfile", "").strip()


# Writing

SPECIAL = st.text(st.sampled_from("aA \t\"'#;=:[],%$\\\n\r\0\x0b\x1c\x1f\x85\xa0\u2028\ufeffİΣ\ud800{}"), max_size=8)
CALM = st.from_regex(r"\A[a-zA-Z\"'][a-z \"',;%$\\\[\]]{0,6}\Z")
ANY_VALUE = SPECIAL | CALM | st.text(max_size=8)
OPTION_TEXTS = {
    "priority": ("5", "-5", "x"),
    "timeout": ("90", "1h30m", "0"),
    "retry-on": ("1, 3-5", "256"),
    "after": ("a*, b", r"a\ b", "'a b"),
    "not-before": ("2026-12-01 18:00", "soon"),
    "on-success": ("echo 'x' | cat", "a # b"),
    "stdin": ("data", "'x"),
}
OPTIONS = st.fixed_dictionaries({}, optional={key: st.sampled_from(texts) for key, texts in OPTION_TEXTS.items()}).map(
    lambda chosen: tuple((key, chosen[key]) for key in jobfile.OPTIONS if key in chosen)
)
SPECS = st.builds(
    JobSpec,
    executable=ANY_VALUE,
    logfile=st.just("") | ANY_VALUE,
    workdir=st.just("") | ANY_VALUE,
    params=st.lists(st.tuples(ANY_VALUE, st.just("") | ANY_VALUE), max_size=3).map(tuple),
    options=OPTIONS,
    env=st.lists(st.tuples(st.sampled_from(["A", "b_1", "1c", "a"]), ANY_VALUE), max_size=2).map(tuple),
)


def lowered(spec: JobSpec) -> JobSpec:
    return replace(spec, params=tuple((key.lower(), value) for key, value in spec.params))


def as_configobj(text: str) -> JobSpec:
    config = ConfigObj(io.BytesIO(text.encode()), interpolation=False, list_values=False)
    return from_sections(config["control"], config.get("params", {}), config.get("env", {}))


def as_configparser(text: str) -> JobSpec:
    parser = configparser.RawConfigParser()
    parser.read_file(io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8"))
    exact = configparser.RawConfigParser()
    exact.optionxform = str  # type: ignore[assignment,method-assign]
    exact.read_string(text)
    params, env = (dict(one[name]) if name in one else {} for one, name in ((parser, "params"), (exact, "env")))
    return from_sections(dict(parser["control"]), params, env)


def from_sections(control: Mapping[str, str], params: Mapping[str, str], env: Mapping[str, str]) -> JobSpec:
    return JobSpec(
        control["executable"],
        control.get("logfile", ""),
        control.get("workdir", ""),
        params=tuple(params.items()),
        options=tuple((key, control[key]) for key in jobfile.OPTIONS if key in control),
        env=tuple(env.items()),
    )


def test_the_form_of_a_written_file() -> None:
    spec = JobSpec("python ajob.py", "data/é.dat", params=(("Param1", "0.1, 0.2"), ("empty", "")))
    expected = "[control]\nexecutable = python ajob.py\nlogfile = data/é.dat\n\n[params]\nParam1 = 0.1, 0.2\nempty = \n"
    assert jobfile.render(spec) == expected
    assert jobfile.render(JobSpec("true")) == "[control]\nexecutable = true\n"


@settings(max_examples=500)
@given(SPECS)
def test_what_is_written_means_the_same_to_both_parsers(spec: JobSpec) -> None:
    try:
        text = jobfile.render(spec)
    except JobFileError:
        return
    assert text.endswith("\n")
    assert as_configobj(text) == spec
    assert as_configparser(text) == lowered(spec)
    assert jobfile.parse(text.encode()) == lowered(spec)


@settings(max_examples=500)
@given(SPECS)
def test_the_rules_are_complete(spec: JobSpec) -> None:
    fields: list[tuple[Field, str]] = [("executable", spec.executable), ("logfile", spec.logfile)]
    fields += [("workdir", spec.workdir)]
    fields += spec.options
    for key, value in spec.params:
        fields += [("param-key", key), ("param-value", value)]
    for key, value in spec.env:
        fields += [("env-key", key), ("env-value", value)]
    keys = [("param", key.lower()) for key, _ in spec.params] + [("env", key.lower()) for key, _ in spec.env]
    if any(jobfile.problem(field, value) for field, value in fields) or len(set(keys)) < len(keys):
        with pytest.raises(JobFileError):
            jobfile.render(spec)
    else:
        assert jobfile.render(spec)


@pytest.mark.parametrize("field", ["executable", "param-value", "param-key"])
@given(value=SPECIAL | st.text(max_size=8))
def test_no_rule_refuses_what_both_parsers_read(field: Field, value: str) -> None:
    """But for NUL, which no program can be given, and a [ before a key, which only sometimes begins a section.

    And for a # in quotes, which both read, but ConfigObj does not write so: it puts quotes of its own around them.
    """
    assume(jobfile.problem(field, value) and value.strip() and "\0" not in value and value[:1] != "[")
    assume(not ("#" in value and value[0] in "\"'"))
    text = f"[control]\nexecutable = {value if field == 'executable' else 'a'}\n\n[params]\n"
    text += f"{value if field == 'param-key' else 'k'} = {value if field == 'param-value' else 'v'}\n"
    spec = JobSpec(
        value if field == "executable" else "a",
        params=((value if field == "param-key" else "k", value if field == "param-value" else "v"),),
    )
    try:
        same = as_configobj(text) == spec and as_configparser(text) == lowered(spec)
    except (configparser.Error, SyntaxError, UnicodeError, KeyError, TypeError):  # a ConfigObjError is a SyntaxError
        same = False
    assert not same


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("executable", "", "is empty; say what to run"),
        ("executable", " \n", "is empty; say what to run"),
        (
            "executable",
            "a # b",
            "holds a #, from which on ConfigObj takes it for a comment; put the command in a script",
        ),
        ("executable", "a\nb", "goes over more than one line"),
        ("executable", '"my tool" -x', "begins with a quote that ends too early"),
        ("executable", "exec 'my tool' -x", ""),
        ("executable", "'all'", ""),
        ("logfile", "", ""),
        ("logfile", "a ", "begins or ends with a blank"),
        ("workdir", "a\0", "holds a NUL"),
        ("workdir", "a\udcff", "not valid in UTF-8"),
        ("param-key", "", "is empty; give it a name"),
        ("param-key", "a:b", "holds a = or a :"),
        ("param-key", "[a", "begins with a ["),
        ("param-key", ";a", "begins with a # or a ;"),
        ("param-key", "a#;", ""),
        ("param-key", "'a'", "begins with a quote"),
        ("param-value", "", ""),
        ("param-value", "'''a'''", "begins with three quotes"),
        ("param-value", "a" + " " * 101 + "b", "more than 100 blanks in a row"),
        ("timeout", "", ""),
        ("timeout", "7d", ""),
        ("timeout", "7x", "'7x' is no duration"),
        ("success", "0, 3", ""),
        ("success", "0; 3", "is no exit status"),
        ("env-key", "", "is empty; give it a name"),
        ("env-key", "A1", ""),
    ],
)
def test_a_problem_is_told_beside_its_field(field: Field, value: str, words: str) -> None:
    told = jobfile.problem(field, value)
    assert words in told
    assert bool(told) == bool(words)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (JobSpec(""), "executable is empty"),
        (JobSpec("a", logfile="#"), "logfile holds a #"),
        (JobSpec("a", params=(("x", "1"), ("X", "2"))), "params 'x' and 'X' are one key"),
        (JobSpec("a", params=(("x", "1"), ("x", "1"))), "params 'x' and 'x' are one key"),
        (JobSpec("a", unknown=("prio",)), "keys that fjd would drop: prio"),
        (JobSpec("a", options=(("nice", "20"),)), "nice: '20' is no whole number from 0 to 19"),
        (JobSpec("a", options=(("memory-limit", "yes"),)), "say memory too"),
        (JobSpec("a", env=(("A B", "1"),)), "env-key is no name of a variable"),
        (JobSpec("a" * jobfile.MAX_BYTES), "larger than"),
        (JobSpec("a", params=tuple((f"k{i}", "") for i in range(jobfile.MAX_LINES))), "more than 10,000 lines"),
    ],
)
def test_what_cannot_be_written_is_named(spec: JobSpec, words: str) -> None:
    with pytest.raises(JobFileError, match=words):
        jobfile.render(spec)


def test_the_configspec_is_the_reference() -> None:
    configspec = ConfigObj(list(jobfile.CONFIGSPEC), _inspec=True, list_values=False, raise_errors=True)
    assert tuple(configspec["control"]) == jobfile.KEYS
    assert set(jobfile.KEYS) - set(jobfile.OPTIONS) == set(JobSpec.__slots__) - {"params", "unknown", "options", "env"}
    assert set(jobfile.HELP) == set(jobfile.KEYS)
    assert all(configspec["control"].comments[key] for key in jobfile.KEYS)


def test_a_worker_does_not_pay_for_writing() -> None:
    code = "import sys, fjd.jobfile as j; j.parse(b'[control]\\nexecutable: a'); sys.exit('configobj' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# Commands


@pytest.mark.parametrize(
    "command",
    ["python ajob.py", "/bin/true", "./run.sh --lr=0.1 -n 3 a,b u@h:/x 50%", "python\tajob.py", "Übung größe 日本", ""],
)
def test_plain_words_need_no_shell(command: str) -> None:
    assert not jobfile.needs_shell(command)


@pytest.mark.parametrize("char", "|&;<>()$`\\\"'*?[]#~!{}^\n\xa0\u3000")
def test_everything_else_does(char: str) -> None:
    assert jobfile.needs_shell(f"echo a{char}b")


@pytest.mark.parametrize("command", ["X=1 python a.py", "X=1", "exit 3", "cd /tmp", ". env", "exec python a.py"])
def test_what_only_a_shell_knows_needs_one(command: str) -> None:
    assert jobfile.needs_shell(command)


@pytest.mark.parametrize(
    "command",
    [
        "python 'a b.py'",
        "'my tool' -x",
        "cd sub && python ajob.py",
        ". env/bin/activate; python ajob.py --x=$HOME",
        "X=1 Y='a b' python ajob.py > out 2>&1",
        "set -e\ncd x\npython ajob.py",
        "python ajob.py ${OPTS:-a;b} $(cat args | (head -1; tail -1)) `date`",
        "awk '{print $1}'",
        r"echo \$1 \# 'a # b' a#b",
        "sh -c 'exec \"$1\"' x",
        "echo done",
        "a | b; c",
        "a || b",
        "! a",
        "# don't\npython ajob.py",
        "foo \\\n  bar",
    ],
)
def test_the_path_is_appended_to_a_simple_command(command: str) -> None:
    assert jobfile.takes_path(command)


@pytest.mark.parametrize(
    "command",
    [
        *('python ajob.py "$1"', "python a.py $FJD_JOB_FILE", "a ${FJD_JOB_FILE}", 'a "$@"', "a $*", "a ${1:-x}"),
        *("a;", "a &", "a &&", "a |", "a ||", "(a)", "(a) > b", "{ a; }", "{ a; } 2>&1", "a >", "a 2>&"),
        *("for i in 1; do a; done", "for i in 1; do a; done < b", "if a; then b; fi", "case a in b) c ;; esac"),
        *("a # b", "a\n# b", "a #", "X=1", "X=$(a)", "> a", "a; X=1", "cat <<E\na\nE", "a 'b", 'a "b', "a \\"),
        *("python ajob.py | tee log", "a |\n b", "", "while a; do b; done", "f() { a; }"),
    ],
)
def test_and_to_nothing_else(command: str) -> None:
    assert not jobfile.takes_path(command)


def shell_reads(command: str) -> bool:
    return subprocess.run(["/bin/sh", "-n", "-c", command], capture_output=True, check=False).returncode == 0


WORD = st.sampled_from(
    ["a", "'b c'", '"d #"', "$X", "${Y:-;}", "$(a; b)", "`a`", "X=1", "done", "fi", "}", "2>&1", "> out", "< in", "\\)"]
)
SIMPLE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
COMMANDS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([";", "\n", " && ", " || ", " | ", " & ", " |\n", " # x\n"]), inner).map(
            "".join
        ),
        st.tuples(
            st.sampled_from(["( %s )", "{ %s; }", "if a; then %s; fi", "for i in 1; do %s\ndone", "! %s", "$( %s )"])
            | st.sampled_from(["while a; do %s; done", "case a in b) %s;; esac", "%s;", "%s &", "%s #", "x() { %s; }"]),
            inner,
            st.sampled_from(["", " > out", " 2>&1", ">>out", "\n# end"]),
        ).map(lambda parts: parts[0].replace("%s", parts[1]) + parts[2]),
    ),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(COMMANDS)
def test_an_appended_path_is_no_syntax_error(command: str) -> None:
    if jobfile.takes_path(command) and shell_reads(command):
        assert shell_reads(f'{command} "$@"')


@settings(deadline=None)
@given(st.text(st.sampled_from("aZ0_@%+=:,./- \t") | st.characters(categories=("L", "N")), min_size=1, max_size=20))
def test_a_command_without_shell_is_what_the_shell_would_run(command: str) -> None:
    words = command.split()
    assume(not jobfile.needs_shell(f"x {command}"))
    run = subprocess.run(["/bin/sh", "-c", f"printf '%s\\n' x {command}"], capture_output=True, check=True)
    assert run.stdout.decode().split("\n")[:-1] == ["x", *words]
