"""Keys are acted upon one after the other, each where the one before has led.

Textual hands each key to the widget that has the focus at the moment when it arrives. What the key before does is done
later, by way of queues. So of ``/retry``, arriving at once over a slow line, only the ``/`` meant the filter: its
line got no letter, and the ``r`` tried a failed job again. Here a key waits until the one before has been through all
the queues, and, when that began something which may open a dialog, until the dialog is there, for a moment at most.
"""

import time
from collections import deque
from functools import partial

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.worker import Worker

_ROUNDS = 3
"""A widget answers a key by a message to its parent, who answers that by another one: each takes the queues again."""
_PATIENCE_S = 1.0
"""After so long the next key goes its way whatever became of the one before."""


class OrderedKeys(App[None]):
    """An app whose keys do not overtake one another."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Event] = deque()
        self._since_s: float | None = None
        """When the key went in that is on its way now."""
        self._number = 0
        self._opening: Worker[None] | None = None
        self._depth = 0

    def await_opening(self, worker: "Worker[None]") -> None:
        """Let the keys wait until ``worker`` has opened a dialog, or has ended."""
        self._opening = worker
        self._depth = len(self.screen_stack)

    async def on_event(self, event: events.Event) -> None:
        """Let a key in, or let it wait."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._is_free():
            await self._let_in(event)
        else:
            self._waiting.append(event)

    def _is_free(self) -> bool:
        return not self._waiting and (self._since_s is None or time.monotonic() - self._since_s > _PATIENCE_S)

    async def _let_in(self, event: events.Event) -> None:
        self._since_s = time.monotonic()
        self._number += 1
        target: MessagePump = self.focused or self.screen
        await super().on_event(event)
        self._pass_on(self._number, target, target)
        self.set_timer(_PATIENCE_S, partial(self._pass_done, self._number))

    def _pass_on(self, number: int, target: MessagePump, node: MessagePump | None, rounds: int = _ROUNDS) -> None:
        """Go behind the key through the queues that it may go through."""
        if node is None or node is self:
            again = partial(self._pass_on, number, target, target, rounds - 1)
            self.call_later(again if rounds > 1 else partial(self._pass_done, number))
        elif not node.is_running or not node.call_later(self._pass_on, number, target, node._parent, rounds):
            self._pass_on(number, target, node._parent, rounds)

    async def _pass_done(self, number: int) -> None:
        """Let the next key in, unless that was done already."""
        if number != self._number or self._since_s is None:
            return
        if self._is_opening() and time.monotonic() - self._since_s < _PATIENCE_S:
            self.set_timer(0.01, partial(self._pass_done, number))
            return
        self._since_s = self._opening = None
        if self._waiting:
            await self._let_in(self._waiting.popleft())

    def _is_opening(self) -> bool:
        if self._opening is None or self._opening.is_finished:
            return False
        screen = self.screen
        has_focus = self.focused is not None or not screen.focus_chain
        return len(self.screen_stack) == self._depth or not (screen.is_mounted and has_focus)
