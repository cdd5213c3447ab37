"""Pieces of the lines at the top."""

from fjd.tui.tones import Tone

Piece = tuple[tuple[str, Tone], ...]
"""A piece of a line: words, each with its tone."""
