"""The parts of the main screen and where they stand: which pane has the focus, and which there is room for."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from fjd.tui.action import Where
from fjd.tui.filterline import FilterLine
from fjd.tui.findline import FindLine
from fjd.tui.follower import Follower
from fjd.tui.footer import Footer, MessageLine
from fjd.tui.header import Header
from fjd.tui.panes.jobs import JobsPane
from fjd.tui.panes.log import LogPane
from fjd.tui.panes.workers import WorkersPane
from fjd.tui.tones import Tone

_WIDTH, _HEIGHT = 80, 24
"""A smaller screen is small."""
_LOW = 17
"""A lower one has no room for more than one pane."""


class Parts(Screen[None], inherit_bindings=False):
    """Header, three panes, the lines that open below them, message line, footer."""

    AUTO_FOCUS = "#jobs"
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As in every screen; but who loses and who gets it draw themselves anew, and not all that is on the screen."""

    def __init__(self, follower: Follower, *, read_only: bool) -> None:
        super().__init__()
        # The parts are held here and not looked up: when the app ends they go before its timers and messages do, and
        # what is shown to a part that is gone does no harm.
        self.jobs_pane = JobsPane(id="jobs")
        self.workers_pane = WorkersPane(id="workers")
        self.log_pane = LogPane(follower, id="log")
        self._header = Header(id="header")
        self._header.read_only = read_only
        self._message = MessageLine(id="message")
        self._footer = Footer(id="footer")
        self._tables = Horizontal(id="tables")
        self._filter_line = FilterLine(id="filter")
        self.find_line = FindLine(id="find")
        self._wants_zoom = self._is_small = self._is_low = False

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield self._header
        with Container(id="body"):
            with self._tables:
                yield self.jobs_pane
                yield self.workers_pane
            yield self.log_pane
        yield self._filter_line
        yield self.find_line
        yield self._message
        yield self._footer

    # ---- the parts

    @property
    def panes(self) -> tuple[JobsPane, WorkersPane, LogPane]:
        """The panes in the order of tab."""
        return self.jobs_pane, self.workers_pane, self.log_pane

    @property
    def pane(self) -> JobsPane | WorkersPane | LogPane:
        """The pane that has the focus; while a filter is typed, the jobs; while a text of the log is, the log."""
        if self.find_line.is_open:
            return self.log_pane
        return next((pane for pane in self.panes if pane is self.focused), self.jobs_pane)

    @property
    def where(self) -> Where:
        """Which pane that is."""
        return {"jobs": Where.JOBS, "workers": Where.WORKERS, "log": Where.LOG}[self.pane.id or ""]

    def go_to(self, pane: Widget) -> None:
        """Give the focus to a pane, before the next key comes."""
        self.set_focus(pane)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message, which may hold foreign text."""
        self._message.say(text, tone)

    # ---- the zoom

    @property
    def is_zoomed(self) -> bool:
        """Whether its user has given one pane the whole screen."""
        return self._wants_zoom

    def toggle_zoom(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        self._wants_zoom = not self._wants_zoom
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Say what to do on a screen that is too small to show all."""
        width, height = event.size
        if (height < _LOW) is not self._is_low:  # and else nothing, lest the screen be laid out twice
            self._is_low = height < _LOW
            self._arrange()
        is_small = width < _WIDTH or height < _HEIGHT
        if is_small and not self._is_small:
            turn = "tab turns to the next pane" if height < _LOW else "z gives a pane the whole screen"
            self.say(f"{width}×{height} is small: {turn}.")
        self._is_small = is_small

    def _arrange(self) -> None:
        """Show the panes that there is room for."""
        only_one = self._wants_zoom or self._is_low
        self.set_class(only_one, "-zoomed")
        for pane in self.panes:
            pane.display = not only_one or pane is self.pane
        self._tables.display = not only_one or self.pane is not self.log_pane
