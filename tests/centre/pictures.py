"""Pictures of the dashboards, from their own queries on a real InfluxDB: `make dashboards`."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from cloud_sync.grafana.as_json import dashboard
from cloud_sync.grafana.boards import all_boards
from cloud_sync.grafana.shapes import Language
from provisioning.grafana.town import town_of
from tests.centre.drawn import BACK, CARD, COLUMN_IN, DRAWERS, FAINT, INK, ROW_IN, Drawing, bare
from tests.centre.filled import Json, ask, filled, load_week, variables_of, window
from tests.centre.week import END
from tests.servers import Influxd, running

DPI = 80
TOWN, STATION = "(gw-ba-don|gw-quang-long)", "centre-air"
"""What is looked at: the town without the zoo, and the station with the reference analysers."""


def main(argv: Sequence[str]) -> int:
    folder = Path(argv[0] if argv else "build/dashboards")
    languages = [Language(name) for name in argv[1:2]] or list(Language)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        server = Influxd(Path(temporary) / "influx")
        with running(server):
            load_week(server, Path(temporary))
            for name in draw_all(server, folder, languages, argv[2:]):
                print(name)
    return 0


def draw_all(
    server: Influxd, folder: Path, languages: Sequence[Language], only: Sequence[str] = ()
) -> Iterator[Path]:
    town = town_of(END.date(), "https://console.example")
    for board in all_boards(town):
        for language in languages:
            if only and board.slug not in only:
                continue
            figure = draw(dashboard(board, language, town.timezone, town.console), server)
            file = folder / f"{language}-{board.slug}.png"
            figure.savefig(file, dpi=DPI, facecolor=BACK)
            plt.close(figure)
            yield file


def draw(found: Json, server: Influxd) -> Figure:
    values, panels = chosen(found, server), lying_open(found)
    height = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels) + 2
    figure = plt.figure(figsize=(24 * COLUMN_IN, height * ROW_IN))
    middle = 1 - 1.2 / height
    figure.text(0.008, middle, found["title"], color=INK, size=19, weight="bold", va="center")
    shown = [
        f"{one['label']}: {values[one['name']] if one['type'] == 'query' else one['current']['text']}"
        for one in found["templating"]["list"]
        if not one["hide"]
    ]
    words = "   ".join(shown).replace(TOWN, "All").replace(".*", "All")
    figure.text(0.3, middle, words, color=FAINT, size=11, va="center")
    for panel in panels:
        place = panel["gridPos"]
        left, bottom = place["x"] / 24 + 0.004, 1 - (place["y"] + place["h"] + 2 - 0.12) / height
        if panel["type"] == "row":
            middle = bottom + 0.33 / height
            figure.text(left, middle, f"⌄ {panel['title']}", color=INK, size=13, va="center")
            continue
        box = (left, bottom, place["w"] / 24 - 0.008, (place["h"] - 0.24) / height)
        axes = figure.add_axes(box, facecolor=CARD, xticks=[], yticks=[])
        bare(axes)
        span = window(found, panel)
        asked = panel.get("targets", [])
        answers = [(one, ask(server, filled(one["query"], values, *span))) for one in asked]
        drawing = Drawing(figure, axes, panel, answers, box, span)
        drawing.word(0.1 / place["w"], 1 - 0.45 / place["h"], panel["title"], INK, 11, weight="bold")
        DRAWERS[panel["type"]](drawing)
    return figure


def chosen(found: Json, server: Influxd) -> dict[str, str]:
    values = variables_of(found, server)
    if "-class-" not in found["uid"]:
        values["gateway"] = TOWN
    if found["uid"].endswith("-station"):
        values["device"] = STATION
    return values


def lying_open(found: Json) -> list[Json]:
    """All panels, those of folded rows too, one below the other."""
    panels: list[Json] = []
    for panel in found["panels"]:
        end = max((one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels), default=0)
        down = end - panel["gridPos"]["y"] if panel["type"] == "row" else 0
        for one in (panel, *panel.get("panels", [])):
            panels.append(one | {"gridPos": one["gridPos"] | {"y": one["gridPos"]["y"] + down}})
    return panels


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
