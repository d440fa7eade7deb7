"""Grafana: dashboards, alert rules, contact points and the data source as code. Pure builders of plain data.

`shapes.py` has what a board is, `boards/` the boards, `as_json.py` how Grafana writes them (the classic form,
which every version reads), `units.py` how its units are called, `queries.py` the InfluxQL.
"""
