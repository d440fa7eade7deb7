"""Installing on a Pi: what files there are to be (`files.py`, pure), and putting them there (`work.py`)."""
