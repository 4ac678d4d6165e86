"""Draws what tmux capture-pane -e prints as SVG: screen-to-svg.py COLUMNS."""

import html
import re
import sys

WIDTH, HEIGHT, PAD = 8.43, 19, 14
PLAIN = "#d8dee9"
COLORS = {"30": "#4c566a", "31": "#e0787f", "32": "#a3be8c", "33": "#ebcb8b", "34": "#81a1c1", "35": "#b48ead", "36": "#88c0d0", "37": "#e5e9f0", "90": "#7b88a1", "39": PLAIN}


def runs(line):
    """Yields the texts of a line with their colour and weight."""
    color, bold = PLAIN, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            if part:
                yield part, color, bold
            continue
        for code in part[2:-1].split(";"):
            if code in ("", "0"):
                color, bold = PLAIN, False
            elif code == "1":
                bold = True
            elif code in COLORS:
                color = COLORS[code]


def main():
    columns = int(sys.argv[1])
    lines = [line for line in sys.stdin.read().rstrip("\n").split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    width, height = columns * WIDTH + 2 * PAD, len(lines) * HEIGHT + 2 * PAD
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" '
          'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">')
    print(f'<rect width="100%" height="100%" rx="8" fill="#2e3440"/>')
    for row, line in enumerate(lines):
        column = 0
        for text, color, bold in runs(line):
            if text.strip():
                weight = ' font-weight="bold"' if bold else ""
                lead = len(text) - len(text.lstrip())
                shown = text.strip()
                print(f'<text x="{PAD + (column + lead) * WIDTH:.1f}" y="{PAD + row * HEIGHT + 14}" fill="{color}"{weight} '
                      f'textLength="{len(shown) * WIDTH:.1f}" xml:space="preserve">{html.escape(shown)}</text>')
            column += len(text)
    print("</svg>")


main()
