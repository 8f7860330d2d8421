#!/usr/bin/env python3
"""Makes a picture of a terminal out of text with ANSI colours: terminal_svg.py [--title TEXT] IN OUT.svg

Standard library only and deterministic: the same text gives the same bytes. Understands SGR (colours of 16, 256 and
16 million, bold, faint, italic, underline, reverse) and drops every other escape sequence. Each run of characters is
placed at its column and stretched to its width, so that tables stay straight whatever font the reader has.
"""

import argparse
import dataclasses
import html
import pathlib
import re
import sys
import unicodedata

CELL_WIDTH, LINE_HEIGHT, FONT_SIZE = 8.4, 18, 14
MARGIN, BAR_HEIGHT = 14, 30
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
GROUND, INK = "#11161d", "#d6dde6"
PALETTE = ("#45505c", "#ff6b64", "#7ccf7b", "#e8c261", "#6cb0f5", "#c99bf5", "#62cbd0", "#d6dde6",
           "#77828e", "#ff8f89", "#9be19a", "#f6d888", "#92c6fa", "#dab8fa", "#8ce0e4", "#ffffff")
ESCAPE = re.compile(r"\x1b(?:\[([0-9;:]*)([ -/]*[@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


@dataclasses.dataclass(frozen=True)
class Style:
    ink: str | None = None
    ground: str | None = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


def colour_of(number: int) -> str:
    """A colour of the table of 256."""
    if number < 16:
        return PALETTE[number]
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    number -= 16
    parts = (number // 36, number // 6 % 6, number % 6)
    return "#" + "".join(f"{0 if part == 0 else 55 + 40 * part:02x}" for part in parts)


FLAGS = {1: {"bold": True}, 2: {"faint": True}, 3: {"italic": True}, 4: {"underline": True}, 7: {"reverse": True},
         22: {"bold": False, "faint": False}, 23: {"italic": False}, 24: {"underline": False}, 27: {"reverse": False},
         39: {"ink": None}, 49: {"ground": None}}


def styled(style: Style, codes: list[int]) -> Style:
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = Style()
        elif code in FLAGS:
            style = dataclasses.replace(style, **FLAGS[code])
        elif code in (38, 48) and codes:
            kind = codes.pop(0)
            count = 1 if kind == 5 else 3
            values, codes = codes[:count], codes[count:]
            if len(values) == count:
                colour = colour_of(values[0] & 255) if kind == 5 else "#" + "".join(f"{v & 255:02x}" for v in values)
                style = dataclasses.replace(style, **{"ink" if code == 38 else "ground": colour})
        else:
            for base, name, first in ((30, "ink", 0), (40, "ground", 0), (90, "ink", 8), (100, "ground", 8)):
                if base <= code < base + 8:
                    style = dataclasses.replace(style, **{name: PALETTE[first + code - base]})
    return style


def width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def runs(text: str) -> list[list[tuple[Style, str]]]:
    """Lines of (style, text); a style holds on over the end of a line, as on a terminal."""
    lines: list[list[tuple[Style, str]]] = [[]]
    style, at = Style(), 0
    text = text.replace("\r\n", "\n").expandtabs(8)
    for match in list(ESCAPE.finditer(text)) + [None]:
        part = text[at:match.start() if match else len(text)]
        for index, piece in enumerate(part.split("\n")):
            if index:
                lines.append([])
            if piece:
                lines[-1].append((style, "".join(char for char in piece if char >= " ")))
        if match:
            at = match.end()
            if match[2] == "m":
                style = styled(style, [int(code or 0) for code in re.split("[;:]", match[1])])
    while lines and not lines[-1]:
        lines.pop()
    return lines


def columns(line: list[tuple[Style, str]]) -> int:
    return sum(width(char) for _, text in line for char in text)


def draw_run(style: Style, text: str, column: int, y: float) -> str:
    cells = sum(map(width, text))
    ink, ground = style.ink or INK, style.ground
    if style.reverse:
        ink, ground = ground or GROUND, ink
    x, length = MARGIN + column * CELL_WIDTH, cells * CELL_WIDTH
    out = ""
    if ground:
        out += (f'<rect x="{x:.1f}" y="{y - FONT_SIZE:.1f}" width="{length:.1f}" height="{LINE_HEIGHT}" '
                f'fill="{ground}"/>')
    if not text.strip(" "):
        return out
    x += (len(text) - len(text.lstrip(" "))) * CELL_WIDTH  # readers differ in what they do with blanks at the ends
    text = text.strip(" ")
    length = sum(map(width, text)) * CELL_WIDTH
    look = f' fill="{ink}"' if ink != INK else ""
    look += ' font-weight="bold"' if style.bold else ""
    look += ' font-style="italic"' if style.italic else ""
    look += ' opacity="0.65"' if style.faint else ""
    look += ' text-decoration="underline"' if style.underline else ""
    return out + (f'<text x="{x:.1f}" y="{y:.1f}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs"{look}>'
                  f"{html.escape(text, quote=False)}</text>")


def picture(text: str, title: str) -> str:
    lines = runs(text)
    wide = max([columns(line) for line in lines] + [60]) * CELL_WIDTH + 2 * MARGIN
    high = BAR_HEIGHT + len(lines) * LINE_HEIGHT + 2 * MARGIN
    name = html.escape(title)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" '
           f'height="{high:.0f}" role="img" aria-label="{name}">', f"<title>{name}</title>",
           f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>']
    for index, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        out.append(f'<circle cx="{MARGIN + 6 + index * 20}" cy="{BAR_HEIGHT / 2 + 2:.0f}" r="6" fill="{colour}"/>')
    out.append(f'<g font-family="{FONTS}" font-size="{FONT_SIZE}" fill="{INK}" style="white-space:pre">')
    out.append(f'<text x="{wide / 2:.0f}" y="{BAR_HEIGHT / 2 + 7:.0f}" text-anchor="middle" opacity="0.65">'
               f"{name}</text>")
    for number, line in enumerate(lines):
        column, y = 0, BAR_HEIGHT + MARGIN + FONT_SIZE + number * LINE_HEIGHT
        for style, piece in line:
            out.append(draw_run(style, piece, column, y))
            column += sum(map(width, piece))
    return "\n".join([part for part in out if part] + ["</g>", "</svg>", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes a picture of a terminal out of text with ANSI colours.")
    parser.add_argument("--title", default="")
    parser.add_argument("source", help="a file, or - for standard input")
    parser.add_argument("target", type=pathlib.Path)
    arguments = parser.parse_args()
    data = sys.stdin.buffer.read() if arguments.source == "-" else pathlib.Path(arguments.source).read_bytes()
    arguments.target.write_text(picture(data.decode("utf-8", errors="replace"), arguments.title), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
