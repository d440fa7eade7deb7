"""Commissioning: from an unlabelled cabinet to a signed-off record, a step at a time, everything reversible.

`facts.py` says what a step leaves behind, `state.py` what all of them come to and what is still to do (both
pure), `journal.py` keeps them on disk, `document.py` edits gateway.toml, `service.py` does the steps.
"""
