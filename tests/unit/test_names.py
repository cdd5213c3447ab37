"""Names kept in order, with a sorted list as the oracle."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.ledger import names as names_module
from fjd.ledger.names import Key, Names, SortedNames
from fjd.order import in_natural_order, queue_key

NAME = st.integers(0, 60).map(lambda number: f"job{number}") | st.sampled_from(["a", "b1c2", "job", "job01"])
ACTS = st.tuples(st.sampled_from(["add", "remove", "update"]), st.lists(NAME, min_size=1, max_size=12, unique=True))


def key(name: str) -> Key:
    return queue_key(name, len(name) % 3)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "_PART", 3)


@pytest.mark.parametrize(
    "make", [lambda: SortedNames(key), lambda: SortedNames(key, lambda some: sorted(some, key=key))]
)
def test_they_stay_in_order_whatever_comes_and_goes(make: Callable[[], SortedNames]) -> None:
    @given(st.lists(ACTS, max_size=40))
    def hold(acts: list[tuple[str, list[str]]]) -> None:
        ours, model = make(), set[str]()
        pictures: list[tuple[Names, list[str]]] = []
        for act, names in acts:
            if act == "remove":
                for name in model & set(names):
                    ours.remove(name)
                    model.remove(name)
            elif act == "update":
                ours.update([name for name in names if name not in model])
                model |= set(names)
            elif names[0] not in model:
                ours.add(names[0])
                model.add(names[0])
            assert list(ours) == sorted(model, key=key)
            assert len(ours) == len(model)
            assert not model or ours.last == max(model, key=key)
            pictures.append((ours.frozen(), list(ours)))
        for picture, then in pictures:  # whatever came and went since
            assert list(picture) == [picture[index] for index in range(len(picture))] == then
            assert picture[1:-1] == then[1:-1]

    hold()


def test_what_is_not_there_cannot_be_removed() -> None:
    ours = SortedNames(key)
    with pytest.raises(ValueError, match="'b' is not among them"):
        ours.remove("b")
    ours.update(["a", "c"])
    with pytest.raises(ValueError, match="'b' is not among them"):
        ours.remove("b")
    assert list(ours) == ["a", "c"]


def test_to_freeze_them_copies_none_but_what_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "_PART", 100)
    names = [f"job{number:05d}" for number in range(10_000)]
    ours = SortedNames(lambda name: queue_key(name, 0), in_natural_order)
    ours.update(names)
    before = ours.frozen()
    ours.remove(names[0])
    after = ours.frozen()
    assert sum(one is not other for one, other in zip(before._parts, after._parts, strict=True)) == 1
    with pytest.raises(IndexError):
        before[10_000]
    assert (before[-1], before[0], after[0]) == (names[-1], names[0], names[1])


def test_a_million_take_little_beside_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight bytes each in the parts; no key is kept."""
    import tracemalloc

    monkeypatch.setattr(names_module, "_PART", 1024)
    names = [f"job{number}" for number in range(100_000)]
    tracemalloc.start()
    ours = SortedNames(lambda name: queue_key(name, 0), in_natural_order)
    ours.update(names)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert list(ours) == names
    assert size < 12 * len(names) + 3_000_000  # and the keys that were compared last
