"""All keys, from the registry."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from fjd.tui.motion import KEYS, Motion

if TYPE_CHECKING:
    from fjd.tui.actions import Action, Topic

_KEYS = 5


class Help(ModalScreen[None]):
    """Shows each action with its keys; those of one pane are told as such."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,ctrl+c", "leave", show=False),
        *(Binding(keys, f"go('{motion.name}')", show=False) for motion, keys in KEYS.items()),
    ]

    def __init__(self, actions: Sequence["Action"]) -> None:
        super().__init__()
        self._actions = actions

    def compose(self) -> ComposeResult:
        """Make two columns of chapters."""
        from fjd.tui.actions import Topic

        with VerticalScroll(classes="dialog", id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            with HorizontalGroup():
                for column in ((Topic.CREW, Topic.JOBS, Topic.PROGRAM), (Topic.LOOK, Topic.LOG, Topic.MOVE)):
                    with VerticalGroup(classes="column"):
                        for topic in column:
                            yield Static(self._chapter(topic), classes="chapter")

    def action_leave(self) -> None:
        """Close."""
        self.dismiss()

    def action_go(self, name: str) -> None:
        """Scroll, by the keys that move in the panes."""
        box = self.query_one("#help")
        page, whole = max(1, box.scrollable_content_region.height), box.virtual_size.height
        box.scroll_relative(y=Motion[name].rows(page, whole), animate=False)

    def _chapter(self, topic: "Topic") -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(min_width=_KEYS, justify="right")
        table.add_column()
        table.add_row("", Text(topic.value, "bold underline"))
        for action in self._actions:
            if action.topic is topic:
                table.add_row(Text(action.all_keys, "bold"), self._sentence(action))
        return table

    def _sentence(self, action: "Action") -> Text:
        from fjd.tui.actions import Topic, Where

        sentence = action.sentence
        if action.topic is not Topic.LOG and action.where != frozenset(Where) and len(action.where) == 1:
            sentence += f" (in the {next(iter(action.where)).value})"
        return Text(sentence)
