"""A plot of bars, as an SVG file that needs nothing but a browser."""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_WIDTH, _ROW, _TOP, _LETTER = 760, 26, 46, 7
_BAR, _OURS, _TEXT, _PAPER = "#8aa4c8", "#2f6fb5", "#1c2733", "#ffffff"


def bars(path: Path, title: str, rows: Sequence[tuple[str, float]], ours: str) -> None:
    """Write a horizontal bar for each row; the one named ``ours`` stands out."""
    most = max(value for _, value in rows)
    left = 24 + _LETTER * max(len(name) for name, _ in rows)
    height = _TOP + _ROW * len(rows) + 14
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="13" fill="{_TEXT}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>',
        f'<text x="12" y="26" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(rows):
        top = _TOP + _ROW * number
        length = max(1.0, (_WIDTH - left - 90) * value / most)
        lines += [
            f'<text x="{left - 8}" y="{top + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{_ROW - 8}" '
            f'fill="{_OURS if name == ours else _BAR}"/>',
            f'<text x="{left + length + 8:.1f}" y="{top + 15}">{value:,.0f}</text>',
        ]
    path.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")
