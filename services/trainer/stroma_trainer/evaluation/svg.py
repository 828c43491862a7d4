"""Small plots as inline SVG: lines over a common axis, and histograms. Colours come from the page that holds them."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 460, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 40
TICKS = 5


def line_plot(lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], x_label: str, y_label: str) -> str:
    """Points by name: xs, ys."""
    xs = [x for points, _ in lines.values() for x in points]
    ys = [y for _, points in lines.values() for y in points]
    frame = _Frame(min(xs), max(xs), *_padded(min(ys), max(ys)))
    drawn = []
    for ix, (points, values) in enumerate(lines.values()):
        places = [(frame.x(x), frame.y(y)) for x, y in zip(points, values, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places)
        drawn.append(f'<g class="s{ix}"><polyline points="{path}"/>{dots}</g>')
    return _figure(frame, drawn, list(lines), x_label, y_label)


def histogram(edges: Sequence[float], counts: Mapping[str, Sequence[float]], x_label: str) -> str:
    """Steps, so that several lie over one another; each is its share of its own total."""
    shares = {name: [count / max(1.0, sum(values)) for count in values] for name, values in counts.items()}
    top = max((share for values in shares.values() for share in values), default=1.0)
    frame = _Frame(edges[0], edges[-1], 0.0, top * 1.05 or 1.0)
    drawn = []
    for ix, values in enumerate(shares.values()):
        corners = [(edges[0], 0.0)]
        for left, right, share in zip(edges, edges[1:], values, strict=False):
            corners += [(left, share), (right, share)]
        corners.append((edges[-1], 0.0))
        path = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in corners)
        drawn.append(f'<g class="s{ix}"><polyline points="{path}"/></g>')
    return _figure(frame, drawn, list(counts), x_label, "share of crops")


class _Frame:
    def __init__(self, x0: float, x1: float, y0: float, y1: float) -> None:
        self.x0, self.x1 = x0, x1 if x1 > x0 else x0 + 1
        self.y0, self.y1 = y0, y1 if y1 > y0 else y0 + 1

    def x(self, value: float) -> float:
        return LEFT + (value - self.x0) / (self.x1 - self.x0) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (value - self.y0) / (self.y1 - self.y0) * (HEIGHT - TOP - BOTTOM)


def _figure(frame: _Frame, drawn: list[str], names: list[str], x_label: str, y_label: str) -> str:
    axes, width, height = [], frame.x1 - frame.x0, frame.y1 - frame.y0
    for ix in range(TICKS):
        x = frame.x0 + width * ix / (TICKS - 1)
        y = frame.y0 + height * ix / (TICKS - 1)
        axes.append(
            f'<text x="{frame.x(x):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{_tick(x, width)}</text>'
        )
        axes.append(f'<text x="{LEFT - 6}" y="{frame.y(y) + 4:.1f}" text-anchor="end">{_tick(y, height)}</text>')
        axes.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{frame.y(y):.1f}" y2="{frame.y(y):.1f}"/>')
    axes.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>')
    middle = (HEIGHT - BOTTOM + TOP) / 2
    turned = f'transform="rotate(-90 12 {middle})"'
    axes.append(f'<text x="12" y="{middle}" text-anchor="middle" {turned}>{escape(y_label)}</text>')
    legend = "".join(f'<span class="key s{ix}">{escape(name)}</span>' for ix, name in enumerate(names))
    title = escape(f"{y_label} over {x_label}: {', '.join(names)}")
    picture = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{title}</title>{"".join(axes + drawn)}</svg>'
    return f'<div class="plot">{picture}<div class="legend">{legend}</div></div>'


def _tick(value: float, span: float) -> str:
    """As many decimals as tell the ticks apart."""
    return f"{value:.{max(0, 1 - math.floor(math.log10(span)))}f}"


def _padded(low: float, high: float) -> tuple[float, float]:
    pad = (high - low) * 0.08 or 0.05
    return low - pad, high + pad
