"""A whole commissioning from a file of answers: only what is not done yet, so that doing it again resumes."""

from collections.abc import Callable

from edge.config.commissioning import Answers, PowerAnswer, TestAnswer
from edge.config.commissioning_view import Step, View
from provisioning.commission.service import Commissioning

Tell = Callable[[str], None]


async def apply(work: Commissioning, answers: Answers, by: str, tell: Tell) -> View:
    """Do all that the answers say; `tell` hears of each step. Raises what the steps raise.

    A test that fails is kept and told, and goes on; a signature then needs `exceptions`.
    """
    view = await _answered(work, answers, by, tell)
    if any(one.step is Step.WRITE for one in view.todo):
        view = await work.write(by)
        tell("gateway.toml is written, and the gateway took it")
    await _shown(work, answers, by, tell)
    for comment in answers.comment:
        if comment.text not in (await work.look()).comments:
            await work.comment(comment, by)
    if answers.sign is not None:
        view = await work.sign(answers.sign, by)
        tell(f"signed by {answers.sign.name}: record {view.records[-1]}")
        return view
    return await work.look()


async def _answered(work: Commissioning, answers: Answers, by: str, tell: Tell) -> View:
    view = await work.look()
    if view.place is None or view.place.answer != answers.place:
        view = await work.place(answers.place, by)
        tell(f"place: {answers.place.title}")
    for bus in answers.bus:
        if bus not in view.buses:
            view = await work.bus(bus, by)
            tell(f"line {bus.id}")
    for device in answers.device:
        if device not in [one.answer for one in view.devices]:
            view = await work.device(device, by)
            tell(f"device {device.id}: {device.profile} at {device.bus}/{device.address}")
    return view


async def _shown(work: Commissioning, answers: Answers, by: str, tell: Tell) -> None:
    tests = {one.device: one for one in answers.test}
    powers = {one.device: one for one in answers.power}
    for todo in (await work.look()).todo:
        name = todo.device
        if todo.step is Step.TEST:
            said = tests.get(name)
            answer = TestAnswer(kind=said.kind, seen=said.seen) if said else TestAnswer()
            told_test = next(
                one.test for one in (await work.test(name, answer, by)).devices if one.answer.id == name
            )
            if told_test is not None:
                tell(f"{name}: {'passed' if told_test.passed else 'FAILED: ' + told_test.said}")
        elif todo.step is Step.POWER:
            meter = powers.get(name)
            answer_w = PowerAnswer(**meter.model_dump(exclude={"device"})) if meter else PowerAnswer()
            told = next(
                one.power for one in (await work.power(name, answer_w, by)).devices if one.answer.id == name
            )
            if told is not None:
                verdict = "passed" if told.passed else "FAILED"
                tell(f"{name}: {told.measured_w:g} W of {told.expected_w:g} W, {verdict}")
