"""Errors. Their type tells the core what to do; their text tells a person what to do."""


class GianhError(Exception):
    """Base of every error that Gianh raises on purpose; its text is one sentence for a person."""


class ConfigError(GianhError):
    """The configuration asks for something that cannot be; only a changed file helps."""


class TransientError(GianhError):
    """It did not work now and may work later: wait with backoff, then try again."""


class LinkDown(TransientError):
    """The adapter, socket or connection itself is gone; everything behind it is unreachable."""


class NoAnswer(TransientError):
    """The other side kept silent until its time was over, or its gateway says so (Modbus exception 0B)."""


class TargetSilent(NoAnswer):
    """A gateway answered that what stands behind it keeps silent (Modbus exception 0B)."""


class ProtocolError(TransientError):
    """Something was answered that is not an answer to the question; it was thrown away."""


class Busy(TransientError):
    """The device is there but busy (Modbus exception 05, 06); its last state stands."""


class Asleep(Busy):
    """The device rests by plan, so that there is nothing to read; nothing is wrong."""


class PermanentError(GianhError):
    """It will fail again until someone changes something: try slowly, raise an alarm, keep everything."""


class Refused(PermanentError):
    """The device answered that it will not do this (Modbus exceptions 01 to 04, 08, 0A).

    `code` is the Modbus exception code, 0 where the protocol has none.
    """

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code
