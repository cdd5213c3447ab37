"""Configuration files: what they say, the defaults, and every mistake with its line and the nearest right name."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import configuration
from fjd.errors import ConfigurationError
from fjd.nearest import did_you_mean, nearest

SPEC = """
# What it looks like.
[tui]
# The theme.
theme = option("dark", "light", default="dark")
# How often it is drawn, a second.
refresh = integer(1, 60, default=15)
# Ask?
confirm = boolean(default=yes)
# A colour.
ground = string(default="#fff")
    # Keys of actions.
    [[keys]]
    __many__ = string
[halt]
load = float(min=0, default=None)
"""


def parse(text: str) -> configuration.Configuration:
    return configuration.parse(text, SPEC, path="c.ini", others=("job",))


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse(text)
    return list(caught.value.sentences)


def test_what_is_said_and_the_defaults() -> None:
    made = parse("[tui]\ntheme = light\nrefresh = 4  # slow\n[[keys]]\nquit = q, ctrl+q\n'log.search' = '#'\n")
    assert made["tui"] == {
        "theme": "light",
        "refresh": 4,
        "confirm": True,
        "ground": "#fff",
        "keys": {"quit": "q, ctrl+q", "log.search": "#"},
    }
    assert made["halt"] == {"load": None}
    assert list(made) == ["tui", "halt"]
    assert "job" not in made


def test_what_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert configuration.read(str(tmp_path / "none.ini"), SPEC)["tui"]["refresh"] == 15


def test_commas_and_percents_mean_nothing() -> None:
    assert parse("[tui]\nground = now,fail=3%(x)s\n")["tui"]["ground"] == "now,fail=3%(x)s"


def test_the_section_of_somebody_else_is_passed_over() -> None:
    assert parse("[job]\nwhatever = 1\n")["tui"]["theme"] == "dark"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tui]\n\nthem = light\n", ["c.ini:3: there is no them in [tui]; did you mean theme?"]),
        ("[Tui]\n", ["c.ini:1: there is no section Tui; did you mean tui?"]),
        ("[jop]\nx = 1\n", ["c.ini:1: there is no section jop; did you mean job?"]),
        ("[tui]\n[[kees]]\n", ["c.ini:2: there is no section kees; did you mean keys?"]),
        ("theme = light\n", ["c.ini:1: theme stands above the first [section]"]),
        ("[tui]\nzzz = light\n", ["c.ini:2: there is no zzz in [tui]"]),
        (
            "[tui]\ntheme = Light\n",
            ["c.ini:2: theme must be one of dark, light, not 'Light'; did you mean light?"],
        ),
        ("[tui]\nrefresh = often\n", ["c.ini:2: refresh must be a whole number from 1 to 60, not 'often'"]),
        ("[tui]\nrefresh = 0\n", ["c.ini:2: refresh must be a whole number from 1 to 60, not '0'"]),
        ("[tui]\nrefresh =\n", ["c.ini:2: refresh must be a whole number from 1 to 60, not ''"]),
        ("[tui]\nconfirm = perhaps\n", ["c.ini:2: confirm must be yes or no, not 'perhaps'"]),
        ("[halt]\nload = -1\n", ["c.ini:2: load must be a number from 0, not '-1'"]),
        ("[tui]\n[[keys]]\n[[[quit]]]\n", ["c.ini:3: quit must be a value, and is a section"]),
        ("[tui]\nkeys = q\n", ["c.ini:2: keys must be a section, in brackets"]),
        ("[tui]\n[[theme]]\n", ["c.ini:2: theme must be a value, and is a section"]),
        (
            "[tui]\nrefresh = # often\n",
            [
                "c.ini:2: refresh must be a whole number from 1 to 60, not '' "
                "(a # begins a comment; put the value in quotes)"
            ],
        ),
        (
            "[tui]\ntheme: light\n",
            ["c.ini:2: 'theme: light' cannot be read; write key = value, with = and not :, or [section]"],
        ),
        ("[tui]\ntheme = dark\ntheme = light\n", ["c.ini:3: 'theme = light' stands there twice"]),
        ("[tui]\n[[[keys]]]\n", ["c.ini:2: '[[[keys]]]' does not fit under what stands above it"]),
        ("[tui]\nx = '''\n", ["c.ini:2: \"x = '''\" cannot be read; write key = value, or [section]"]),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_nearest_name(text: str, told: list[str]) -> None:
    assert mistakes(text) == told


def test_all_mistakes_are_told_at_once() -> None:
    text = "[tui]\nthem = light\nrefresh = 99\n[hallt]\n"
    assert [line.partition(": ")[0] for line in mistakes(text)] == ["c.ini:2", "c.ini:4", "c.ini:3"]
    assert len(mistakes("a\nb\n")) == 2


def test_the_owner_of_a_key_tells_a_mistake_in_the_same_form() -> None:
    made = parse('[tui]\n# x = 1\nground = """\nkeys = 1\n"""\n[[keys]]\nquitt = q\n')
    assert made.mistake("there is no action quitt", "tui", "keys", "quitt") == "c.ini:7: there is no action quitt"
    assert made.mistake("it is bad", "tui", "refresh") == "c.ini: it is bad"


def test_what_is_no_text_or_no_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "c.ini"
    path.write_bytes(b"[tui]\ntheme = \xff\n")
    with pytest.raises(ConfigurationError, match=r"c\.ini:2: it is not UTF-8"):
        configuration.read(str(path), SPEC)
    path.write_bytes(b"#" * (1 << 21))
    with pytest.raises(ConfigurationError, match="larger than"):
        configuration.read(str(path), SPEC)
    path.write_bytes(b"")
    path.chmod(0o666)
    with pytest.raises(ConfigurationError, match="everybody can write it"):
        configuration.read(str(path), SPEC)
    with pytest.raises(ConfigurationError, match="a directory"):
        configuration.read(str(tmp_path), SPEC)


def test_the_default_file_says_the_defaults_in_comments() -> None:
    text = configuration.default_text(SPEC)
    assert "# theme = dark" in text
    assert '# ground = "#fff"' in text
    assert "# load =\n" in text
    assert "# The theme." in text
    assert "__many__" not in text
    assert dict(parse(text)) == dict(parse(""))
    keys = ("theme", "refresh", "confirm", "ground")
    uncommented = "\n".join(
        line[2:] if line.startswith(tuple(f"# {key} =" for key in keys)) else line for line in text.splitlines()
    )
    assert uncommented != text
    assert dict(parse(uncommented)) == dict(parse(""))


def test_where_a_users_own_file_is(tmp_path: Path) -> None:
    assert configuration.user_path({"XDG_CONFIG_HOME": str(tmp_path)}) == f"{tmp_path}/fjd/config.ini"
    home = str(Path.home().resolve())
    assert configuration.user_path({"XDG_CONFIG_HOME": "not/absolute"}) == f"{home}/.config/fjd/config.ini"
    assert configuration.user_path({}) == f"{home}/.config/fjd/config.ini"
    (tmp_path / "fjd").mkdir()
    (tmp_path / "fjd/config.ini").symlink_to(tmp_path / "dotfiles.ini")
    assert configuration.user_path({"XDG_CONFIG_HOME": str(tmp_path)}) == f"{tmp_path}/dotfiles.ini"


def test_the_nearest_name() -> None:
    assert nearest("Themee", ["theme", "there"]) == "theme"
    assert nearest("xyz", ["theme"]) == ""
    assert did_you_mean("kay", ["key"]) == "; did you mean key?"
    assert did_you_mean("kay", []) == ""


@given(st.one_of(st.text(alphabet="[]tuikeysh=#'\" \n:,%x0", max_size=60), st.text(max_size=40)))
def test_whatever_a_file_says_it_is_read_or_told(text: str) -> None:
    for whole in (text, f"[tui]\n{text}"):
        with contextlib.suppress(ConfigurationError):
            parse(whole)
