"""Finding what answers on a line whose devices nobody has labelled. Reads only.

`plan` says what is asked in which order and what that costs (pure), `evidence` what the answers mean (pure),
`work` does the asking. `session` is the door: adapters, state that survives an interruption, and the result.
"""
