"""The boards, one a file; `all_boards` has them all for one town."""

from cloud_sync.grafana.boards.air import air_board
from cloud_sync.grafana.boards.classes import class_board
from cloud_sync.grafana.boards.delivery import delivery_board
from cloud_sync.grafana.boards.energy import energy_board
from cloud_sync.grafana.boards.gateways import gateways_board
from cloud_sync.grafana.boards.lighting import lighting_board
from cloud_sync.grafana.boards.maintenance import maintenance_board
from cloud_sync.grafana.boards.station import station_board
from cloud_sync.grafana.boards.town import town_board
from cloud_sync.grafana.boards.wifi import wifi_board
from cloud_sync.grafana.shapes import Board, Town

HOME = "town"
"""The slug of the board that is shown first."""

BOARDS = (
    town_board,
    lighting_board,
    energy_board,
    maintenance_board,
    air_board,
    station_board,
    wifi_board,
    gateways_board,
    delivery_board,
)


def all_boards(town: Town) -> list[Board]:
    """Every board: those for people's tasks, then one for each class of device."""
    return [make(town) for make in BOARDS] + [class_board(town, name) for name in sorted(town.classes)]
