"""The command lines: they parse, call a role, and say what came of it. Nothing here decides anything."""
