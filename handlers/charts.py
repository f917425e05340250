"""The picture of a report: how many slots are used, and how many licenses end in which month.

It has a light ground of its own, so that it can be read in a light and in a dark window; used and free differ by
hatching as well as by color, and every bar has its figure. Importing this file loads matplotlib.
"""

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from io import BytesIO
from threading import Lock
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from handlers.blocks.text import clip, plain
from handlers.words.figures import month_name
from store.figures import Figures, Row

_GROUND: Final = "#f6f7f9"
_INK: Final = "#1d2430"
_QUIET: Final = "#5b6472"
_USED: Final = "#1f5fa8"
_FREE: Final = "#d4dce8"
_ENDING: Final = "#b4541a"
_LINE: Final = "#c3c9d3"
_INCHES: Final = 10.0
_DOTS_PER_INCH: Final = 150
_MOST_BARS: Final = 14
_LONGEST_LABEL: Final = 34

# Matplotlib keeps fonts and settings for the whole process, and makes no promise to several threads at once.
_ONE_AT_A_TIME: Final = Lock()
Bar = tuple[str, int, int]
"""A label, how many are used, and how many there are."""


def chart(found: Figures) -> bytes:
    """Draw the picture, as PNG."""
    with _ONE_AT_A_TIME, _style(), warnings.catch_warnings():
        # A letter that the font does not have is drawn as a box; the table has every name as it is.
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        bars = _bars(found)
        ratios = [max(1, len(bars)) * 0.42 + 0.8, 2.9]
        figure = Figure(
            (_INCHES, sum(ratios) + 1.1),
            _DOTS_PER_INCH,
            facecolor=_GROUND,
            layout=ConstrainedLayoutEngine(hspace=0.08),
        )
        FigureCanvasAgg(figure)
        figure.suptitle(_title(found), fontsize=14, fontweight="bold", x=0.01, ha="left")
        above, below = figure.subplots(2, 1, height_ratios=ratios)
        _draw_capacity(above, bars)
        _draw_ending(below, found)
        picture = BytesIO()
        figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def _style() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "font.family": "DejaVu Sans",
            "font.size": 11,
            "text.color": _INK,
            "axes.labelcolor": _INK,
            "xtick.color": _INK,
            "ytick.color": _INK,
            "hatch.linewidth": 0.6,
            # Names are shown as they are: a dollar sign begins no formula.
            "text.parse_math": False,
        }
    )


def _title(found: Figures) -> str:
    about = clip(plain(found.scope.name), 60) if found.scope.name else "License report"
    return f"{about}: {found.used} of {found.total} slots used, {found.at:%Y-%m-%d} UTC"


def _bars(found: Figures) -> list[Bar]:
    """One bar for each infrastructure and type while they can be read; otherwise one for each type."""
    if len(found.rows) <= _MOST_BARS:
        several = len({(each.company, each.infrastructure) for each in found.rows}) > 1
        return [(_label(each, several=several), each.used, each.total) for each in found.rows]
    return [(kind.short, used, total) for kind, (used, total) in found.by_type().items()]


def _label(row: Row, *, several: bool) -> str:
    kind = row.environment_type.short
    return f"{clip(plain(row.infrastructure), _LONGEST_LABEL - len(kind))}: {kind}" if several else kind


def _draw_capacity(axes: Axes, bars: Sequence[Bar]) -> None:
    _prepare(axes, "Slots: used and free")
    if not bars:
        _say_nothing(axes, "No slots")
        return
    places = range(len(bars))
    used, total = [each[1] for each in bars], [each[2] for each in bars]
    free = [all_ - taken for taken, all_ in zip(used, total, strict=True)]
    axes.barh(places, used, color=_USED, label="used", height=0.62)
    axes.barh(
        places,
        free,
        left=used,
        color=_FREE,
        edgecolor=_QUIET,
        hatch="////",
        linewidth=0.6,
        label="free",
        height=0.62,
    )
    for place, (_, taken, all_) in zip(places, bars, strict=True):
        axes.annotate(
            f"{taken} of {all_} used", (all_, place), xytext=(6, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(places, [each[0] for each in bars])
    axes.invert_yaxis()
    axes.set_xlim(0, max(1, *total) * 1.22)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, borderaxespad=0.2)


def _draw_ending(axes: Axes, found: Figures) -> None:
    _prepare(axes, "Licenses ending per month (by the last day of their term)")
    ending = found.ending()
    if not sum(ending.values()):
        _say_nothing(axes, "No license ends within twelve months")
        return
    places, numbers = range(len(ending)), list(ending.values())
    axes.bar(places, numbers, color=_ENDING, width=0.62)
    for place, number in zip(places, numbers, strict=True):
        if number:
            axes.annotate(
                str(number),
                (place, number),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontweight="bold",
            )
    axes.set_xticks(places, [month_name(month).replace(" ", "\n") for month in ending])
    axes.set_ylim(0, max(numbers) * 1.2)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))


def _prepare(axes: Axes, title: str) -> None:
    axes.set_facecolor(_GROUND)
    axes.set_title(title, loc="left", fontsize=12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(_LINE)
    axes.tick_params(length=0)


def _say_nothing(axes: Axes, words: str) -> None:
    axes.set_axis_off()
    axes.text(0.0, 0.5, words, transform=axes.transAxes, color=_QUIET, fontsize=12, va="center")
