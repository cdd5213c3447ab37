"""The log pane: a `MarkedLogView` with a title, which shows what one `Source` gives."""

from rich.text import Text
from textual.message import Message

from fjd import display
from fjd.logtail import Change, News, Piece
from fjd.tui.follower import Extended, Follower, Found, Fresh, Missed, Numbered, Place, Searching
from fjd.tui.panes.logmarks import MarkedLogView
from fjd.tui.sources import NO_SOURCE, Source, Tab
from fjd.tui.tones import Tone

_NAME_MAX = 60


class LogPane(MarkedLogView):
    """Follows one source. What is found comes by `found`, which is called on the app's loop."""

    class Said(Message):
        """Something to be said in the message line."""

        def __init__(self, text: str, tone: Tone) -> None:
            super().__init__()
            self.text = text
            self.tone = tone

    def __init__(self, follower: Follower, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(follower, id=id)
        self._follower = follower
        self._title: Text | None = None
        self._searched: float | None = None
        self.source = NO_SOURCE

    def on_mount(self) -> None:
        """Say what the pane is for."""
        self.clear(NO_SOURCE.nothing)
        self._entitle()

    def show_source(self, source: Source) -> None:
        """Show this from now on."""
        if source == self.source:
            return
        is_other = source.identity != self.source.identity
        self.source = source
        if is_other:
            self._searched = None
            self.clear(display.clean(source.nothing))
        elif self.has_no_lines:
            self.hint = display.clean(source.nothing)
            self.refresh()
        self._follower.watch(source)
        self._entitle()

    @property
    def is_held(self) -> bool:
        """Whether the end of a text that grows is not followed."""
        return not self.is_following and bool(self.source.path)

    # ---- what was found

    def found(self, found: Found) -> None:
        """Take in what the follower found, unless something else is shown by now."""
        if found.source.identity != self.source.identity:
            return
        if not isinstance(found, Searching):
            self._searched = None
        if isinstance(found, Fresh):
            self._take_in(found.news)
        elif isinstance(found, Extended):
            self._add(found)
        elif isinstance(found, Place):
            self._go(found)
        elif isinstance(found, Missed):
            self._say(f"{found.needle.text!r} is nowhere in this text.", Tone.WARN)
        elif isinstance(found, Searching):
            self._searched = found.share
        elif isinstance(found, Numbered):
            self._number(found)
        self._entitle()

    def _take_in(self, news: News) -> None:
        if news.change is Change.ANEW and news.piece is not None:
            self._begin_anew(news, news.piece)
        elif news.change is Change.MORE and news.piece is not None:
            self.extend_new(news.piece, news.size)
        elif news.change is Change.MORE:
            self.grow(news.size, news.new_lines)
        elif news.change is Change.UNREADABLE:
            self.clear(display.clean(f"It cannot be read: {news.why}."))
        else:
            self.clear(display.clean(self.source.nothing))

    def _begin_anew(self, news: News, piece: Piece) -> None:
        was_held = not self.is_following
        if was_held and not news.is_other:
            self._follower.hold()  # somebody scrolled up before the answer came that they had asked for
            return
        if was_held and self.source.path:
            self._say("The log was truncated or replaced; this is what stands there now.", Tone.WARN)
            self._follower.follow()
        is_loaded = self.source.load is not None
        above = self._anchor[0] if is_loaded and not self.has_no_lines else 0
        self.replace(piece, news.size, at_top=is_loaded)
        if above:  # somebody reads there: the same text has changed in some place
            self.scroll_rows(above)

    def _add(self, found: Extended) -> None:
        if found.piece.end == self.window.start and found.piece.lines:
            self.prepend(found.piece)
        else:
            self.extend(found.piece, found.size)

    def _go(self, found: Place) -> None:
        show = self.show_hit if found.is_hit else self.show_place
        show(found.piece, found.at, found.size)
        if found.has_turned:
            self._say("The search went on from the other end.", Tone.PLAIN)

    def _number(self, found: Numbered) -> None:
        index = self.window.index(found.at)
        if index is not None:
            self.number = found.number - index
        self.total_lines = found.total

    def _say(self, text: str, tone: Tone) -> None:
        self.post_message(self.Said(text, tone))

    # ---- moving

    def follow(self) -> None:
        """Go to the end; of a text that does not grow, there is none to follow."""
        if self.source.load is None:
            super().follow()
        else:
            self.show_end()

    # ---- the title

    def on_log_page_changed(self) -> None:
        """Say it in the title."""
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
            if self._searched is not None:
                parts.append(f"searching {self._searched:.0%}")
            if self.is_held:
                new = f"{display.count(self.new_lines)} new lines" if self.new_lines else "held"
                parts.append(f"{new}, end follows")
                parts.append(self._place())
            elif self.source.load is None:
                parts.append("following")
        return Text(" · ".join(filter(None, parts)))

    def _place(self) -> str:
        """Return where in the text the screen is, as far as that is known."""
        if self.first_line is None:
            return f"{self.share:.0%}"
        of = f" of {display.count(self.total_lines)}" if self.total_lines else f", {self.share:.0%}"
        return f"line {display.count(self.first_line)}{of}"

    def _make_tabs(self) -> Text:
        if not self.source.tabs:
            return Text("")
        text = Text()
        for tab in Tab:
            text.append(" │ " if text else "")
            text.append(tab.value, "bold reverse" if tab.value == self.source.kind else "dim")
        return text
