"""The log pane: a `LogView` with a title, which shows what one `Source` gives."""

from rich.text import Text

from fjd import display
from fjd.logtail import Change
from fjd.tui.follower import Follower, Found
from fjd.tui.panes.logview import LogView
from fjd.tui.sources import NO_SOURCE, Source, Tab

_NAME_MAX = 60


class LogPane(LogView):
    """Follows one source. The lines come by `found`, which is called on the app's loop."""

    def __init__(self, follower: Follower, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._follower = follower
        self._title: Text | None = None
        self._earlier_asked = False
        self.source = NO_SOURCE

    def on_mount(self) -> None:
        """Say what the pane is for."""
        self.clear(NO_SOURCE.nothing)
        self._entitle()

    def show_source(self, source: Source) -> None:
        """Show this from now on."""
        if source == self.source:
            return
        if source.identity != self.source.identity:
            self.clear(display.clean(source.nothing))
            self._earlier_asked = False
        elif self.has_no_lines:
            self.hint = display.clean(source.nothing)
            self.refresh()
        self.source = source
        self._follower.watch(source)
        self._entitle()

    def found(self, found: Found) -> None:
        """Take in what the follower found, unless something else is shown by now."""
        if found.source.identity != self.source.identity:
            return
        if found.earlier:
            self._earlier_asked = False
            self.prepend(found.lines)
        elif found.change is Change.MORE:
            self.extend(found.lines, found.open_line)
        elif found.change is Change.ANEW:
            self.replace(found.lines, found.open_line)
        elif found.change is Change.UNREADABLE:
            self.clear(display.clean(f"It cannot be read: {found.why}."))
        else:
            self.clear(display.clean(self.source.nothing))
        self._entitle()

    def on_log_view_changed(self) -> None:
        """Say it in the title."""
        self._entitle()

    def on_log_view_top_reached(self) -> None:
        """Read what stands before."""
        if self.source.path and not self._earlier_asked:
            self._earlier_asked = True
            self._follower.want_earlier()

    def toggle_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        super().toggle_wrap()
        self._entitle()

    def _entitle(self) -> None:
        title = self._make_title()
        if title != self._title:
            self._title = title
            self.border_title = title
            self.border_subtitle = self._make_tabs()

    def _make_title(self) -> Text:
        parts = ["Log"]
        if self.source.of:
            parts += [display.clean(self.source.of, max_len=_NAME_MAX), self.source.kind]
            if self.is_wrapped:
                parts.append("wrapped")
            if not self.is_following:
                new = f"{display.count(self.new_lines)} new lines" if self.new_lines else "held"
                parts.append(f"{new}, end follows")
            elif self.source.load is None:
                parts.append("following")
        return Text(" · ".join(parts))

    def _make_tabs(self) -> Text:
        if not self.source.tabs:
            return Text("")
        text = Text()
        for tab in Tab:
            text.append(" │ " if text else "")
            text.append(tab.value, "bold reverse" if tab.value == self.source.kind else "dim")
        return text
