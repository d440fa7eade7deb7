"""The papers of a record: what a reader of them finds, and that phones read every label."""

import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from edge.config.commissioning import CommentAnswer, SignAnswer, TestAnswer
from provisioning.commission import labels, record_pdf
from provisioning.commission.bench import Finished
from provisioning.commission.labels import COLUMNS, ROWS, Label, labels_pdf
from provisioning.commission.record import JSON_FILE, LABELS_FILE, PDF_FILE, finish
from tests.provisioning.cabinet import LAMP, METER, answered, cabinet
from tests.provisioning.killed import deaths
from tests.servers import need


def pages(pdf: bytes, folder: Path) -> list[Image.Image]:
    file = folder / "sheet.pdf"
    file.write_bytes(pdf)
    subprocess.run(
        [need("pdftoppm", "poppler-utils"), "-r", "110", "-gray", "-png", str(file), str(folder / "page")],
        check=True,
        timeout=60,
    )
    return [Image.open(one) for one in sorted(folder.glob("page*.png"))]


def test_every_label_is_read_by_a_phone_in_its_place(tmp_path: Path) -> None:
    labels = [
        Label(
            f"HV-{number:03}",
            "Đường Hùng Vương, đoạn từ cầu đến chợ Ba Đồn · Lộ 2",
            "lamp-with-a-long-id-of-32-letters",
            f"gianh:gw-quang-long-hung-vuong/lamp-{number}",
        )
        for number in range(30)
    ]
    sheets = pages(labels_pdf(labels), tmp_path)
    assert len(sheets) == 2
    read: list[str] = []
    for sheet in sheets:
        codes = zxingcpp.read_barcodes(sheet)
        spot = {}
        for code in codes:
            middle = (
                (code.position.top_left.x + code.position.bottom_right.x) / 2,
                (code.position.top_left.y + code.position.bottom_right.y) / 2,
            )
            column, row = int(middle[0] / sheet.width * COLUMNS), int(middle[1] / sheet.height * ROWS)
            spot[row, column] = code.text
        read += [spot[place] for place in sorted(spot)]
    assert read == [label.code for label in labels]


async def test_the_record_says_who_what_where_and_what_failed(tmp_path: Path) -> None:
    work, hands = cabinet(tmp_path, finish=finish)
    await answered(work)
    await work.device(LAMP.model_copy(update={"id": "lamp-10", "address": 10, "pole": "HV-10"}), "hoa")
    await work.device(LAMP.model_copy(update={"id": "lamp-2", "address": 2, "pole": "HV-2"}), "hoa")
    await work.write("hoa")
    hands.silent = ["lamp-3"]
    await work.test("meter-1", TestAnswer(), "hoa")
    await work.test("lamp-3", TestAnswer(), "hoa")
    await work.comment(CommentAnswer(text="Nắp cột 3 bị lỏng"), "hoa")
    view = await work.sign(SignAnswer(name="Nguyễn Văn Hoà", exceptions="chưa có điện"), "hoa")
    folder = tmp_path / "data" / "commission" / view.records[0]
    text = subprocess.run(
        [need("pdftotext", "poppler-utils"), "-layout", str(folder / "record.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    for said in (
        "BIÊN BẢN ĐƯA VÀO VẬN HÀNH", "Tủ 3 đường Hùng Vương", "Quảng Phong", "17,757100° N", METER.profile,
        "HV-03", "L1", "đọc: KHÔNG", "lamp-3 does not answer", "chưa có điện",
        "Nắp cột 3 bị lỏng", "Nguyễn Văn Hoà",
    ):  # fmt: skip
        assert said in text, text
    labels = subprocess.run(
        [need("pdftotext", "poppler-utils"), "-layout", str(folder / "labels.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert labels.index("HV-2") < labels.index("HV-03") < labels.index("HV-10")


async def test_a_kill_while_the_papers_are_made_leaves_the_former_or_the_new_ones_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed: list[Finished] = []
    work, _ = cabinet(tmp_path, finish=lambda finished, _: signed.append(finished))
    await answered(work)
    await work.sign(SignAnswer(name="Hoa", exceptions="practice"), "hoa")
    papers = tmp_path / "papers"
    papers.mkdir()
    finish(signed[0], papers)
    new, old = contents(papers), dict.fromkeys(contents(papers), b"the former one")
    # Drawing changes nothing on disk, so it need not be done again for each kill.
    monkeypatch.setattr(record_pdf, "record_pdf", lambda _: new[PDF_FILE])
    monkeypatch.setattr(labels, "labels_pdf", lambda _: new[LABELS_FILE])
    seen: set[bytes] = set()
    for name, content in old.items():
        (papers / name).write_bytes(content)
    for _ in deaths(lambda: finish(signed[0], papers)):
        for name, content in contents(papers).items():
            assert content in (old[name], new[name])
            seen.add(content)
            (papers / name).write_bytes(old[name])
    assert seen == {b"the former one", *new.values()}
    assert contents(papers) == new
    assert {one.name for one in papers.iterdir()} == set(new)


def contents(papers: Path) -> dict[str, bytes]:
    return {name: (papers / name).read_bytes() for name in (JSON_FILE, PDF_FILE, LABELS_FILE)}
