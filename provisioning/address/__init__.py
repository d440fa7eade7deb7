"""Giving one device another unit id or other line settings, so that a power cut in the middle loses nothing.

`rules` judges whether that can be done without guessing (pure), `journal` remembers what was under way,
`work` does it.
"""
