"""The command palette, from the registry."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from fjd.tui.actions import Action, Topic
from fjd.tui.desk import Desk


class ActionCommands(Provider):
    """Offers each action by its sentence; movements are left to their keys."""

    async def discover(self) -> Hits:
        """Offer all."""
        for action, run in self._offered():
            yield DiscoveryHit(_title(action), run, help=_keys(action))

    async def search(self, query: str) -> Hits:
        """Offer those that match."""
        matcher = self.matcher(query)
        for action, run in self._offered():
            score = matcher.match(_title(action))
            if score > 0:
                yield Hit(score, matcher.highlight(_title(action)), run, help=_keys(action))

    def _offered(self) -> list[tuple[Action, partial[None]]]:
        desk = self.screen
        if not isinstance(desk, Desk):
            return []
        return [
            (action, partial(desk.action_act, action.id))
            for action in desk.registry.actions
            if action.topic is not Topic.MOVE and action.id not in ("palette", "back") and desk.where in action.where
        ]


def _title(action: Action) -> str:
    return action.sentence[0].upper() + action.sentence[1:]


def _keys(action: Action) -> str:
    return f"{action.topic.value} · {action.all_keys}"
