"""How an organization's colour becomes a look that everybody can read."""

import re
from typing import Final, NamedTuple

DEFAULT: Final = "#1f4f8f"
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
NIGHT: Final = "#1b1f24"
"""What pages are written on where the reader prefers dark ones."""

TEXT: Final = 4.5  # WCAG 2.2, 1.4.3: text against what it stands on
NIGHT_TEXT: Final = 6.0  # light text on dark looks thinner than it is
SHAPE: Final = 3.0  # WCAG 2.2, 1.4.11: the edge of a button against the page

_HINT: Final = {WHITE: 0.92, NIGHT: 0.84}
"""How much of the page a wash is."""

_HEX: Final = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


class Palette(NamedTuple):
    """
    Five colours, each `#rrggbb`, made from one.

    `accent` is the organization's own colour and `on_accent` the text on it;
    `edge` is an outline that shows on the page; `wash` a hint of the accent, for
    backgrounds; `ink` the accent as text, on the page and on `wash`.
    """

    accent: str
    on_accent: str
    edge: str
    ink: str
    wash: str


def palette(colour: str | None) -> Palette:
    """Return the look for `colour` (`#rgb` or `#rrggbb`; anything else: ours) on white."""
    return _palette(colour, WHITE, BLACK, TEXT)


def night_palette(colour: str | None) -> Palette:
    """Return the same for a dark page."""
    return _palette(colour, NIGHT, WHITE, NIGHT_TEXT)


def _palette(colour: str | None, page: str, ink: str, text: float) -> Palette:
    accent = normal(colour)
    wash = _mixed(accent, page, _HINT[page])
    return Palette(
        accent=accent,
        on_accent=WHITE if contrast(WHITE, accent) >= TEXT else BLACK,
        edge=_standing_out(accent, ink, SHAPE, page),
        ink=_standing_out(accent, ink, text, page, wash),
        wash=wash,
    )


def normal(colour: str | None) -> str:
    """Return `colour` as lower case `#rrggbb`, or the default if it is none."""
    found = _HEX.fullmatch(colour or "")
    if found is None:
        return DEFAULT
    digits = found[1].lower()
    return "#" + (
        digits
        if len(digits) == len("rrggbb")
        else "".join(digit * 2 for digit in digits)
    )


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours: 1 (none) to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _standing_out(colour: str, ink: str, wanted: float, *grounds: str) -> str:
    """Mix in as much of `ink` as it takes, and no more, to stand out from every ground."""
    shades = (_mixed(colour, ink, percent / 100) for percent in range(101))
    return next(
        shade
        for shade in shades
        if all(contrast(shade, ground) >= wanted for ground in grounds)
    )


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    bend = 0.04045  # below it sRGB is a straight line
    return channel / 12.92 if channel <= bend else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
