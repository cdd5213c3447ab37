"""What a worker says: in its order, the lines of short jobs together."""

from fjd.worker.talk import Talk


def test_what_is_noted_is_said_with_the_next_line_and_before_it() -> None:
    """A reader finds the lines in the order in which things happened."""
    said: list[str] = []
    talk = Talk(said.append)
    talk.note("one")
    talk.note("two")
    assert said == []
    talk("three")
    assert said == ["one", "two", "three"]


def test_flush_says_what_was_noted_once() -> None:
    """Who waits for the next job has nothing left to say."""
    said: list[str] = []
    talk = Talk(said.append)
    talk.note("one")
    talk.flush()
    talk.flush()
    assert said == ["one"]


def test_many_notes_are_said_without_being_asked_for() -> None:
    """With a day of short jobs and nothing else to say, the terminal still shows them."""
    said: list[str] = []
    talk = Talk(said.append)
    for number in range(100):
        talk.note(str(number))
    assert said == [str(number) for number in range(len(said))]
    assert len(said) > 80
