"""A contest of two hosts for a spool's names: what each side does, and what is said of what came of it."""

import json
import threading
from pathlib import Path

import pytest

from fjd.errors import HireError
from fjd.inspect import duel
from fjd.inspect.checks import Check, Verdict
from fjd.inspect.duel import Score
from fjd.recruiter import request, rival
from fjd.recruiter.request import Request
from fjd.spool import contest, fsio
from fjd.spool.contest import FIRST, SECOND, Prize, Side, Sight
from fjd.spool.layout import Layout


@pytest.fixture
def sides(layout: Layout) -> tuple[Side, Side]:
    folder = f"{layout.tmp}/contest"
    fsio.make_dir(folder)
    first, second = (Side(layout, folder, name) for name in (FIRST, SECOND))
    first.lay_out()
    return first, second


@pytest.mark.parametrize("prize", Prize)
def test_each_name_has_one_winner(sides: tuple[Side, Side], prize: Prize) -> None:
    numbers = range(200)
    sides[0].prepare(prize, numbers)
    took: list[list[int]] = [[], []]

    def take(which: int) -> None:
        took[which] = sides[which].take(prize, numbers)

    threads = [threading.Thread(target=take, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(took[0] + took[1]) == list(numbers)
    if prize is not Prize.DIRECTORY:
        assert [side.having(prize, numbers) for side in sides] == took


@pytest.mark.parametrize("sight", Sight)
def test_what_one_does_the_other_sees(sides: tuple[Side, Side], sight: Sight) -> None:
    for _ in range(2):
        sides[1].look(sight)
        assert sides[1].seen_after_s(sight, 0.0) is None
        sides[0].change(sight)
        assert sides[1].seen_after_s(sight, 5.0) is not None


def test_nothing_is_left(sides: tuple[Side, Side], layout: Layout) -> None:
    sides[0].prepare(Prize.FILE, range(3))
    sides[1].take(Prize.DIRECTORY, range(3))
    contest.clear(f"{layout.tmp}/contest")
    assert fsio.names(layout.tmp) == []


def answers(layout: Layout, *lines: str, token: str = "word") -> list[dict[str, object]]:
    """What the far side answers to these lines."""
    Path(layout.token("word")).write_text("word")
    coming = iter([request.dump(Request("1", layout.root, token)), *(f"{line}\n" for line in lines)])
    said: list[str] = []
    rival.serve(lambda: next(coming, ""), said.append)
    return [json.loads(line) for line in said]


def test_the_far_side_says_what_it_cannot_do(layout: Layout) -> None:
    hello, *others = answers(
        layout, "nonsense", "[]", '{"do": "sing", "what": "rename"}', '{"do": "take", "what": "x"}', '{"do": "look"}',
        '{"do": "change", "what": "text"}',
    )  # fmt: skip
    assert not hello["problem"]
    assert hello["kind"]
    assert all(answer["problem"] for answer in others)


@pytest.mark.parametrize("token", ["another", "../up"])
def test_the_far_side_has_the_same_spool_or_does_nothing(layout: Layout, token: str) -> None:
    (hello,) = answers(layout, token=token)
    assert "is another directory than here" in str(hello["problem"])
    with pytest.raises(HireError):
        rival.folder_of(layout, "../up")


FAIR = Score(600, 200, 400, 0, 0)


@pytest.mark.parametrize(
    ("prize", "score", "verdict", "words"),
    [
        (Prize.FILE, FAIR, Verdict.WELL, "600 files had one winner each (200 here, 400 there)"),
        (Prize.FILE, Score(600, 600, 0, 0, 0), Verdict.NOTE, "one was always faster, so this says little"),
        (Prize.FILE, Score(600, 300, 310, 10, 0), Verdict.WRONG, "10 had two winners and 0 none: not fit"),
        (Prize.FILE, Score(600, 300, 298, 0, 2), Verdict.WRONG, "0 had two winners and 2 none: not fit"),
        (Prize.NAME, Score(600, 300, 310, 10, 0), Verdict.NOTE, "one would be lost"),
        (Prize.DIRECTORY, Score(600, 300, 310, 10, 0), Verdict.NOTE, "fjd does not build on it"),
    ],
)
def test_what_a_race_says(prize: Prize, score: Score, verdict: Verdict, words: str) -> None:
    check = duel.races(prize, score)
    assert check.verdict is verdict
    assert words in check.text
    assert check.mend or verdict is Verdict.WELL or prize is Prize.DIRECTORY


def test_that_there_are_no_links_is_said() -> None:
    assert "it has no hard links" in duel.races(Prize.NAME, Score(600, 300, 310, 10, 0), has_links=False).text


@pytest.mark.parametrize(
    ("sight", "longest_s", "verdict", "words"),
    [
        (Sight.LISTING, 0.004, Verdict.WELL, "within 4 ms"),
        (Sight.LISTING, 4.0, Verdict.NOTE, "within 4.0 s: jobs start, and their ends show, as late"),
        (Sight.TEXT, 4.0, Verdict.NOTE, "progress shows as late"),
        (Sight.LISTING, None, Verdict.WRONG, "not even within 30 s: not fit"),
        (Sight.BEAT, 4.0, Verdict.NOTE, "within 4.0 s"),
        (Sight.BEAT, 14.0, Verdict.WRONG, "may be taken for lost"),
        (Sight.BEAT, None, Verdict.WRONG, "not fit"),
    ],
)
def test_what_it_means_that_changes_are_seen_so_late(
    sight: Sight, longest_s: float | None, verdict: Verdict, words: str
) -> None:
    check = duel.seen(sight, longest_s, 30.0)
    assert (check.verdict, words in check.text) == (verdict, True), check
    assert check.mend or verdict is not Verdict.WRONG
    if longest_s == 14.0:
        assert check == Check(
            check.name, check.verdict, check.text, "export FJD_TIMINGS=lease_s=75, for all that is started"
        )


def test_a_filesystem_without_links_is_known(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fsio.has_links(layout.tmp)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("fjd.spool.syscalls.link", refuse)
    assert not fsio.has_links(layout.tmp)
    assert fsio.names(layout.tmp) == []
