"""The input line, in which keys act in the order in which they came."""

from textual import events
from textual.widgets import Input


class Entry(Input):
    """Textual's input, but for one thing.

    There, a letter is put in by the widget itself, while ``backspace``, ``left`` and the like go up to the app and come
    back as actions. When several keys arrive at once (a slow line, a fast typist), letters so overtake them:
    ``backspace 7`` became ``7 backspace``. Here the widget carries out its own bindings as it reads the keys.
    """

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable or not await self._act(event.key):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()

    async def _act(self, key: str) -> bool:
        """Carry out what the key is bound to here; False when that is nothing, or nothing that can be done now."""
        for binding in self._bindings.key_to_bindings.get(key, ()):
            if await self.app.run_action(binding.action, self):
                return True
        return False
