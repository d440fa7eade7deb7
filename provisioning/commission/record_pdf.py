"""The record of a commissioning as PDF, A4, Vietnamese with English beneath."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from cloud_sync.reports.pdf_sheet import GREY, MARGIN_MM, RED, WIDTH_MM, Column, Sheet
from cloud_sync.reports.report_words import NOTHING, Language, label_of, on_paper, time_text, unit_of
from edge.config.commissioning import DeviceAnswer, Found
from edge.config.commissioning_view import Measured, Step, Tested
from edge.core.air_report import Said
from edge.core.places import place_named
from edge.core.times import from_rfc3339
from provisioning.commission.bench import Finished
from provisioning.commission.facts import Entry
from provisioning.commission.state import Commission
from provisioning.commission.view import about

TITLE = Said("BIÊN BẢN ĐƯA VÀO VẬN HÀNH", "COMMISSIONING RECORD")
STEPS = {
    Step.BEGIN: Said("bắt đầu", "begun"),
    Step.PLACE: Said("vị trí", "place"),
    Step.BUS: Said("đường truyền", "line"),
    Step.DEVICE: Said("thiết bị", "device"),
    Step.REMOVE: Said("bỏ thiết bị", "device left out"),
    Step.WRITE: Said("ghi cấu hình", "configuration written"),
    Step.RELOAD: Said("áp dụng cấu hình", "configuration applied"),
    Step.TEST: Said("thử", "test"),
    Step.POWER: Said("đo công suất", "power measured"),
    Step.PHOTO: Said("ảnh", "photo"),
    Step.COMMENT: Said("ghi chú", "remark"),
    Step.SIGN: Said("ký", "signed"),
    Step.UNDO: Said("hoàn tác", "taken back"),
}
VALUES_MAX = 3
"""So many values of a device are shown; record.json has all."""

SIGN_MM = 34.0


def record_pdf(finished: Finished) -> bytes:
    """The record as the bytes of a PDF."""
    whole = finished.whole
    zone = ZoneInfo(finished.config.gateway.timezone)
    signed_ns = from_rfc3339(whole.steps[-1].at)
    at = time_text(signed_ns, zone, Language.VI)
    title = f"{TITLE.vi} – {finished.place.answer.title} – {at}"
    foot = Said(f"Gianh · {finished.begun.id} · lần {whole.revision}", "")
    sheet = Sheet(Language.VI, title, title, foot, signed_ns)
    _title(sheet, finished)
    _facts(sheet, finished, zone)
    _lines(sheet, whole)
    _devices(sheet, whole)
    _values(sheet, whole)
    _remarks(sheet, finished)
    _steps(sheet, finished.entries, zone)
    _signature(sheet, finished, at)
    return bytes(sheet.output())


def _title(sheet: Sheet, finished: Finished) -> None:
    sheet.ink(14, bold=True)
    sheet.cell(WIDTH_MM, 7, TITLE.vi, align="C")
    sheet.ln(7)
    sheet.ink(8.5, GREY)
    sheet.cell(WIDTH_MM, 4, TITLE.en, align="C")
    sheet.ln(4.5)
    sheet.ink(11, bold=True)
    sheet.cell(WIDTH_MM, 6, finished.place.answer.title, align="C")
    sheet.ln(9)


def _facts(sheet: Sheet, finished: Finished, zone: ZoneInfo) -> None:
    whole, place, answer = finished.whole, finished.place, finished.place.answer
    commune = place_named(place.commune)
    found = "đo bằng điện thoại" if answer.found is Found.PHONE else "nhập tay"
    spot = f"{answer.latitude:.6f}° N, {answer.longitude:.6f}° E".replace(".", ",")
    far = on_paper(f"{place.distance_km:.1f}", Language.VI)
    passed = sum(one.passed for one in whole.tests.values())
    facts = [
        ("Bộ điều khiển · Gateway", finished.begun.gateway + (f" · {answer.site}" if answer.site else "")),
        ("Phường/xã · Commune", f"{commune.name if commune else place.commune} (cách trung tâm {far} km)"),
        ("Toạ độ · Coordinates", f"{spot} ({found})"),
        ("Bắt đầu · Begun", time_text(from_rfc3339(whole.steps[0].at), zone, Language.VI)),
        ("Thử đạt · Tests passed", f"{passed} / {len(whole.devices)}"),
    ]
    if whole.written is not None:
        facts.append(("gateway.toml, SHA-256", whole.written.after))
    for name, text in facts:
        sheet.ink(8, GREY)
        sheet.cell(42, 4.6, name)
        sheet.ink(8)
        sheet.cell(WIDTH_MM - 42, 4.6, text)
        sheet.ln(4.6)


def _lines(sheet: Sheet, whole: Commission) -> None:
    if not whole.buses:
        return
    sheet.heading(Said("Đường truyền", "Lines"))
    columns = (
        Column(Said("Tên", "Name"), 34, "L"),
        Column(Said("Loại", "Kind"), 26, "L"),
        Column(Said("Cổng", "Port"), 90, "L"),
        Column(Said("Thông số", "Setting"), 30, "L"),
    )
    rows = []
    for bus in whole.buses.values():
        port = f"{bus.host}:{bus.port or 502}" if bus.host else str(bus.port or "")
        setting = f"{bus.baudrate} 8{bus.parity or 'N'}{bus.stop_bits or 1}" if bus.baudrate else NOTHING
        rows.append([bus.id, bus.kind, port, setting])
    sheet.rows(columns, rows)


def _devices(sheet: Sheet, whole: Commission) -> None:
    sheet.heading(Said("Thiết bị", "Devices"))
    columns = (
        Column(Said("Cột", "Pole"), 18, "L"),
        Column(Said("Lộ", "Circuit"), 16, "L"),
        Column(Said("Thiết bị", "Device"), 38, "L"),
        Column(Said("Kiểu", "Profile"), 38, "L"),
        Column(Said("Địa chỉ", "Address"), 24, "L"),
        Column(Said("Thử", "Test"), 18, "C"),
        Column(Said("Đo / định mức, W", "Found / rated, W"), 28),
    )
    rows, failed = [], set()
    for number, device in enumerate(whole.devices.values()):
        test, power = whole.tests.get(device.id), whole.powers.get(device.id)
        rows.append(_device(device, test, power))
        if test is None or not test.passed or (device.expected_w and (power is None or not power.passed)):
            failed.add(number)
    sheet.rows(columns, rows, failed)
    if failed:
        sheet.say(Said("Dòng đỏ: chưa thử hoặc không đạt.", "Red rows: not tested, or failed."), 7)


def _device(device: DeviceAnswer, test: Tested | None, power: Measured | None) -> list[str]:
    kinds = {"read": "đọc", "blink": "nháy"}
    shown = NOTHING if test is None else f"{kinds[test.kind]}: {'đạt' if test.passed else 'KHÔNG'}"
    watts = NOTHING
    if power is not None:
        watts = on_paper(f"{power.measured_w:.1f} / {power.expected_w:g}", Language.VI)
    elif device.expected_w is not None:
        watts = on_paper(f"? / {device.expected_w:g}", Language.VI)
    return [
        device.pole or NOTHING,
        device.circuit or NOTHING,
        device.id,
        device.profile,
        f"{device.bus} / {device.address}",
        shown,
        watts,
    ]


def _values(sheet: Sheet, whole: Commission) -> None:
    read = [one for one in whole.tests.values() if one.values or (one.said and not one.passed)]
    if not read:
        return
    sheet.heading(Said("Giá trị đọc được khi thử", "Values read in the tests"))
    columns = (
        Column(Said("Thiết bị", "Device"), 38, "L"),
        Column(Said("Giá trị", "Values"), WIDTH_MM - 38, "L"),
    )
    rows = [[one.device, _value_text(one)] for one in read]
    sheet.rows(columns, rows, {number for number, one in enumerate(read) if not one.passed})


def _value_text(test: Tested) -> str:
    shown = [
        f"{label_of(name, Language.VI)} {on_paper(f'{value:.5g}', Language.VI)} {unit_of(name)}".strip()
        for name, value in test.values
        if value is not None
    ]
    more = f" (+{len(shown) - VALUES_MAX})" if len(shown) > VALUES_MAX else ""
    return test.said or "; ".join(shown[:VALUES_MAX]) + more


def _remarks(sheet: Sheet, finished: Finished) -> None:
    sheet.heading(Said("Ghi chú và ảnh", "Remarks and photos"))
    if finished.signed.exceptions:
        sheet.ink(8, RED, bold=True)
        sheet.paragraph(f"Ngoại lệ · Exceptions: {finished.signed.exceptions}", 8)
    remarks = [*finished.whole.comments, *([finished.place.remark] if finished.place.remark else [])]
    for text in remarks:
        sheet.ink(8)
        sheet.paragraph(f"– {text}", 8)
    for photo in finished.whole.photos:
        sheet.ink(7.5)
        sheet.paragraph(f"– {photo.file} ({photo.bytes} byte), SHA-256 {photo.sha256}", 7.5)
    if not (finished.signed.exceptions or remarks or finished.whole.photos):
        sheet.say(Said("Không có.", "None."))


def _steps(sheet: Sheet, entries: Sequence[Entry], zone: ZoneInfo) -> None:
    sheet.heading(Said("Các bước đã làm", "What was done"))
    columns = (
        Column(Said("Lúc", "At"), 32, "L"),
        Column(Said("Người làm", "By"), 34, "L"),
        Column(Said("Bước", "Step"), 50, "L"),
        Column(Said("Về", "About"), WIDTH_MM - 116, "L"),
    )
    rows = [
        [
            time_text(from_rfc3339(entry.at), zone, Language.VI),
            entry.by,
            f"{STEPS[entry.step].vi} · {STEPS[entry.step].en}",
            about(entry.fact),
        ]
        for entry in entries
    ]
    sheet.rows(columns, rows)


def _signature(sheet: Sheet, finished: Finished, at: str) -> None:
    sheet.room(SIGN_MM + 6)
    sheet.ln(4)
    top, half = sheet.get_y(), WIDTH_MM / 2
    both = (
        (MARGIN_MM + half / 2, "KỸ THUẬT VIÊN", "Technician", f"{finished.signed.name}, {at}"),
        (MARGIN_MM + 1.5 * half, "ĐƠN VỊ VẬN HÀNH", "Operator", ""),
    )
    for x, vi, en, name in both:
        sheet.ink(8.5, bold=True)
        sheet.label(x, top + 4, vi, "C")
        sheet.ink(7.5, GREY)
        sheet.label(x, top + 8, en, "C")
        sheet.ink(8.5)
        sheet.label(x, top + SIGN_MM - 4, name, "C")
    sheet.set_y(top + SIGN_MM)
