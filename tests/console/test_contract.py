"""Schemathesis against the contract of a gateway and of the centre: nothing may end in a fault of ours."""

import asyncio
import re
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
ASKED_MIN = 200
HTTP_FAULT = 500
CANNOT = (501, 503, 504)
"""What does not work now, said in words: no fault of ours."""
ENDLESS = "/live$|/session|/users|/login|first-code|/openapi"
"""Streams, and what would end the session that asks."""


async def session_of(accounts: Accounts) -> str:
    """A session of an administrator."""
    code = await accounts.add("root", "Root", Role.ADMINISTRATOR, "test")
    return await accounts.redeem(code, "root", "", PASSWORD, "127.0.0.1")


async def judged(address: str, cookie: str) -> list[str]:
    """Which requests that the contract allows, or nearly so, had an answer that is a fault."""
    headers = {"cookie": cookie, "origin": address}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        contract = (await client.get("/api/v1/openapi.json")).json()
    return await asyncio.to_thread(_asked, contract, address, headers)


def _asked(contract: dict[str, Any], address: str, headers: dict[str, str]) -> list[str]:
    schema = schemathesis.openapi.from_dict(contract)
    faults: list[str] = []
    asked = 0
    with httpx.Client(base_url=address, headers=headers, timeout=20) as client:
        for result in schema.get_all_operations():
            operation = result.ok()
            if not re.search(ENDLESS, operation.path):
                asked += _ask(client, operation, faults)
    assert asked > ASKED_MIN
    return faults


def _ask(client: httpx.Client, operation: Any, faults: list[str]) -> int:
    answers: list[int] = []
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @seed(1)
    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)))
    def ask(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=str(client.base_url))
        body = sent.get("data")
        answer = client.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            json=sent.get("json"),
            content=body if isinstance(body, str | bytes) else None,
        )
        answers.append(answer.status_code)
        if answer.status_code >= HTTP_FAULT and answer.status_code not in CANNOT:
            faults.append(
                f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:200]}"
            )

    ask()
    return len(answers)


@pytest.mark.long
async def test_no_request_makes_a_gateway_answer_with_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(GATEWAY, "utf-8")
    async with running(load(file).config, file) as run:
        token = await session_of(run.front.accounts)
        assert await judged(run.http, f"gianh-gw-a={token}") == []


@pytest.mark.long
async def test_no_request_makes_the_centre_answer_with_a_fault(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path) as run:
        assert run.centre.front.web is not None
        await run.centre.front.web.bound.wait()
        token = await session_of(run.centre.front.accounts)
        assert await judged(run.centre.front.address, f"gianh-centre={token}") == []
