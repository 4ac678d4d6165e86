"""Draws the output of tmux capture-pane -e as SVG, for light and for dark pages.

screen-to-svg.py COLUMNS PATH reads a screen from stdin and writes PATH-light.svg
and PATH-dark.svg. screen-to-svg.py COLUMNS PATH FOLDER draws an animation from
files in FOLDER, each a screen named by its time in milliseconds."""

import html
import itertools
import pathlib
import re
import sys

WIDTH, HEIGHT, PAD, BAR = 8.43, 19, 16, 30

# The colors of GitHub's pages, on which the pictures are shown.
THEMES = {
    "light": {
        "page": "#ffffff", "edge": "#d0d7de", "bar": "#f6f8fa", "plain": "#1f2328", "dim": "#59636e",
        "31": "#cf222e", "32": "#1a7f37", "33": "#9a6700", "34": "#0969da", "35": "#8250df", "36": "#1b7c83",
    },
    "dark": {
        "page": "#0d1117", "edge": "#30363d", "bar": "#161b22", "plain": "#e6edf3", "dim": "#9198a1",
        "31": "#ff7b72", "32": "#3fb950", "33": "#d29922", "34": "#58a6ff", "35": "#bc8cff", "36": "#39c5cf",
    },
}
GRAYS = {"2", "30", "90"}


def cells(line):
    """Returns the characters of a line, each with its color, weight and inversion."""
    found, style = [], ("plain", False, False)
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            found += [(char, style) for char in part]
            continue
        for code in part[2:-1].split(";"):
            color, bold, inverse = style
            if code in ("", "0"):
                style = ("plain", False, False)
            elif code == "1":
                style = (color, True, inverse)
            elif code == "7":
                style = (color, bold, True)
            elif code in GRAYS:
                style = ("dim", bold, inverse)
            elif code == "39":
                style = ("plain", bold, inverse)
            elif re.fullmatch("[39][1-6]", code):
                style = ("3" + code[1], bold, inverse)
    while found and found[-1] == (" ", ("plain", False, False)):
        found.pop()
    return found


def fold(line, columns):
    """Yields the parts of a long line: it is broken between words, unlike in a terminal,
    and truncated at a very long word, such as a policy."""
    while len(line) > columns:
        spaces = [i for i in range(columns + 1) if line[i][0] == " "]
        rest = line[spaces[-1] + 1:] if spaces else line
        if not spaces or len("".join(char for char, _ in rest).split(" ")[0]) > 40:
            line = line[:columns - 1] + [("…", line[columns - 1][1])]
            break
        yield line[:spaces[-1]]
        line = rest
    yield line


def runs(line):
    """Yields the runs of a line with the same style."""
    for style, group in itertools.groupby(line, key=lambda cell: cell[1]):
        yield ("".join(char for char, _ in group), *style)


def text_of(row, line, theme):
    """Yields the elements of a line of the screen."""
    top, column = BAR + PAD - 4 + row * HEIGHT, 0
    for text, color, bold, inverse in runs(line):
        x = PAD + column * WIDTH
        column += len(text)
        if inverse:
            yield (f'<rect x="{x:.1f}" y="{top}" width="{len(text) * WIDTH + 0.5:.1f}" height="{HEIGHT}" '
                   f'shape-rendering="crispEdges" fill="{theme[color]}"/>')
        if not text.strip():
            continue
        shown = text.strip()
        x += (len(text) - len(text.lstrip())) * WIDTH
        weight = ' font-weight="bold"' if bold else ""
        fill = theme["page"] if inverse else theme[color]
        yield (f'<text x="{x:.1f}" y="{top + 14}" fill="{fill}"{weight} '
               f'textLength="{len(shown) * WIDTH:.1f}" xml:space="preserve">{html.escape(shown)}</text>')


def frame(lines, theme):
    """Yields the SVG elements of a screen."""
    for row, line in enumerate(lines):
        yield from text_of(row, line, theme)


def animated(frames, theme):
    """Yields each line of the frames once, visible while it is on the screen. frames
    holds a duration in seconds and the lines of each frame."""
    total, start, visible = sum(duration for duration, _ in frames), 0.0, {}
    for duration, lines in frames:
        for row, line in enumerate(lines):
            times = visible.setdefault((row, tuple(line)), [])
            if times and times[-1] == start:
                times.pop()
            else:
                times.append(start)
            times.append(start + duration)
        start += duration
    for (row, line), times in visible.items():
        if not line:
            continue
        values = ";".join(["none"] + ["inline", "none"] * (len(times) // 2))
        keys = ";".join(["0"] + [f"{min(time / total, 1):.5f}" for time in times])
        yield '<g display="none">'
        yield (f'<animate attributeName="display" values="{values}" keyTimes="{keys}" '
               f'dur="{total:.1f}s" calcMode="discrete" repeatCount="indefinite"/>')
        yield from text_of(row, line, theme)
        yield "</g>"


def draw(height, columns, theme, elements):
    """Yields the lines of a picture with room for height lines."""
    width, height = columns * WIDTH + 2 * PAD, height * HEIGHT + BAR + 2 * PAD - 6
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" '
           'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">')
    yield (f'<rect x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1}" rx="8" '
           f'fill="{theme["page"]}" stroke="{theme["edge"]}"/>')
    yield f'<path d="M1 {BAR}V9a8 8 0 0 1 8-8H{width - 9:.0f}a8 8 0 0 1 8 8V{BAR}z" fill="{theme["bar"]}"/>'
    yield f'<path d="M1 {BAR}.5H{width - 1:.0f}" stroke="{theme["edge"]}"/>'
    for x in (18, 36, 54):
        yield f'<circle cx="{x}" cy="{BAR / 2:.0f}" r="5" fill="{theme["edge"]}"/>'
    yield from elements
    yield "</svg>"


def screen(text, columns):
    """Returns the lines of a screen without trailing empty lines."""
    lines = [part for line in text.split("\n") for part in fold(cells(line), columns)]
    while lines and "".join(char for char, _ in lines[-1]).strip() in ("", "$"):
        lines.pop()  # also the prompt that waits for the next command
    return lines


LONGEST, LAST = 1.5, 5.0  # seconds that a frame, and the last one, is visible at most


def recording(folder, columns):
    """Returns the frames of a folder, without repeated ones."""
    frames = []
    for path in sorted(pathlib.Path(folder).iterdir(), key=lambda path: int(path.name)):
        at, lines = int(path.name) / 1000, screen(path.read_text(encoding="utf-8"), columns)
        if not frames or frames[-1][1] != lines:
            frames.append((at, lines))
    ends = [at for at, _ in frames[1:]]
    durations = [min(LONGEST, end - at) for (at, _), end in zip(frames, ends)] + [LAST]
    return [(duration, lines) for duration, (_, lines) in zip(durations, frames)]


def main():
    columns, path = int(sys.argv[1]), sys.argv[2]
    if len(sys.argv) > 3:
        frames = recording(sys.argv[3], columns)
        height = max(len(lines) for _, lines in frames)
    else:
        lines = screen(sys.stdin.read(), columns)
        frames, height = None, len(lines)
    for name, theme in THEMES.items():
        elements = animated(frames, theme) if frames else frame(lines, theme)
        with open(f"{path}-{name}.svg", "w", encoding="utf-8") as out:
            out.write("\n".join(draw(height, columns, theme, elements)) + "\n")


main()
