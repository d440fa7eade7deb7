"""Schemathesis against the contract of a gateway and of the centre: nothing may end in a fault of ours."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from edge.cli.run import running
from edge.config.load import load
from edge.console.access.accounts import Accounts
from edge.console.access.roles import Role
from tests.console.asking import PASSWORD
from tests.console.test_centre import at_the_centre

GATEWAY = (
    '[gateway]\nid = "gw-a"\nlatitude = 17\nlongitude = 106\ndata_dir = "data"\n'
    "[http]\nport = 0\nlogin = true\n"
)
EXAMPLES = 25
OPERATIONS_OF_A_GATEWAY, OPERATIONS_OF_THE_CENTRE, CASES_EACH = 80, 25, 5
"""So many at least: what takes nothing is asked once."""
HTTP_FAULT = 500
CANNOT = (501, 503, 504)
"""What does not work now, said in words: no fault of ours."""
FRESH = re.compile("/session|/users|first-code")
"""What may end the session that asks: each of these requests has one of its own."""


@dataclass(slots=True)
class Verdict:
    """How many operations were tried by how many requests, and what came back as a fault."""

    operations: int = 0
    cases: int = 0
    faults: list[str] = field(default_factory=list)


async def user_of(accounts: Accounts) -> None:
    """An administrator."""
    code = await accounts.add("root", "Root", Role.ADMINISTRATOR, "test")
    await accounts.redeem(code, "root", "", PASSWORD, "127.0.0.1")


async def judged(address: str, cookie: str, accounts: Accounts) -> Verdict:
    """Ask every operation of the contract for what it allows, or nearly so."""
    await user_of(accounts)
    loop = asyncio.get_running_loop()

    async def opened() -> str:
        return f"{cookie}={accounts.sessions.open('root')}"

    def session() -> str:
        return asyncio.run_coroutine_threadsafe(opened(), loop).result(20)

    headers = {"origin": address, "cookie": await opened()}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        contract = (await client.get("/api/v1/openapi.json")).json()
    return await asyncio.to_thread(_asked, contract, address, session)


def _asked(contract: dict[str, Any], address: str, session: Callable[[], str]) -> Verdict:
    schema = schemathesis.openapi.from_dict(contract)
    verdict = Verdict()
    with httpx.Client(base_url=address, headers={"origin": address}, timeout=20) as client:
        cookie = session()
        for result in schema.get_all_operations():
            operation = result.ok()
            verdict.operations += 1
            fresh = FRESH.search(operation.path)
            _ask(client, operation, session if fresh else lambda cookie=cookie: cookie, verdict)
    assert verdict.operations == sum(len(methods) for methods in contract["paths"].values())
    return verdict


def _ask(client: httpx.Client, operation: Any, cookie: Callable[[], str], verdict: Verdict) -> None:
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @seed(1)
    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)))
    def ask(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=str(client.base_url))
        body = sent.get("data")
        request = client.build_request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            json=sent.get("json"),
            content=body if isinstance(body, str | bytes) else None,
            headers={"cookie": cookie()},
        )
        answer = client.send(request, stream=True)
        try:
            if "event-stream" not in answer.headers.get("content-type", ""):  # which has no end
                answer.read()
        finally:
            answer.close()
        verdict.cases += 1
        if answer.status_code >= HTTP_FAULT and answer.status_code not in CANNOT:
            verdict.faults.append(f"{request.method} {request.url}: {answer.status_code} {answer.text[:200]}")

    ask()


@pytest.mark.long
async def test_no_request_makes_a_gateway_answer_with_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(GATEWAY, "utf-8")
    async with running(load(file).config, file) as run:
        verdict = await judged(run.http, "gianh-gw-a", run.front.accounts)
        assert verdict.faults == []
        assert verdict.cases > OPERATIONS_OF_A_GATEWAY * CASES_EACH, verdict


@pytest.mark.long
async def test_no_request_makes_the_centre_answer_with_a_fault(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path) as run:
        assert run.centre.front.web is not None
        await run.centre.front.web.bound.wait()
        verdict = await judged(run.centre.front.address, "gianh-centre", run.centre.front.accounts)
        assert verdict.faults == []
        assert verdict.cases > OPERATIONS_OF_THE_CENTRE * CASES_EACH, verdict
