"""Job specs that were kept under a name, as the state file has them. Pure."""

from collections.abc import Mapping

from fjd.errors import UsageError
from fjd.habits import Habits
from fjd.jobfile import JobSpec
from fjd.tui.form import texts

TOPIC = "templates"
"""The habit that they are remembered under."""
_MANY = 100
_NAME_MAX = 60
_SIZE_MAX = 8192


def known(habits: Habits) -> dict[str, JobSpec]:
    """Return them by name, in the order of names; what is not understood is passed by."""
    said = habits.get(TOPIC)
    found = said.items() if isinstance(said, Mapping) else ()
    specs = {name: texts.from_plain(value) for name, value in found if not name_problem(name)}
    return {name: spec for name in sorted(specs) if (spec := specs[name]) is not None}


def with_one(before: Mapping[str, JobSpec], name: str, spec: JobSpec | None) -> dict[str, object]:
    """Return the value to remember when ``name`` is ``spec`` from now on, or is no more. Raises `UsageError`."""
    if problem := name_problem(name):
        raise UsageError(f"the name {problem}")
    after = {**before}
    after.pop(name, None)
    if spec is not None:
        after[name] = spec
        if len(after) > _MANY or len(str(texts.as_plain(spec))) > _SIZE_MAX:
            raise UsageError(f"a template of at most {_SIZE_MAX:,} characters can be kept, and {_MANY} of them")
    return {key: texts.as_plain(value) for key, value in after.items()}


def name_problem(name: object) -> str:
    """Say what is wrong with a name; nothing when it is one."""
    if not isinstance(name, str) or not name.strip():
        return "is empty"
    if len(name) > _NAME_MAX:
        return f"is longer than {_NAME_MAX} characters"
    return "" if name.isprintable() and name == name.strip() else "holds what cannot be shown"
