"""Which profile a unit has: by what its registers answer and whether the values can be true. Reads only.

`weigh` is the judgement (pure), `work` reads what it needs.
"""
