"""Why somebody was not let in or not obeyed, as a reason that pages put into words."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from edge.core.errors import GianhError


class Reason(StrEnum):
    """Why not."""

    LOGIN = "login"
    ROLE = "role"
    WRONG = "wrong"
    SLOW = "slow"
    BUSY = "busy"
    CODE = "code"
    WEAK = "weak"
    FOREIGN = "foreign"
    ID = "id"
    NAME = "name"
    TAKEN = "taken"
    FULL = "full"
    UNKNOWN = "unknown"
    LAST = "last"
    STARTED = "started"
    DAMAGED = "damaged"
    ELSEWHERE = "elsewhere"
    AWAY = "away"
    ODD = "odd"
    STALE = "stale"
    UNWANTED = "unwanted"
    UNMAPPED = "unmapped"
    NAMELESS = "nameless"


WHY: Mapping[Reason, tuple[int, str, str]] = MappingProxyType(
    {
        Reason.LOGIN: (401, "Log in first.", "Hãy đăng nhập trước."),
        Reason.ROLE: (
            403,
            "Your role does not allow this: ask an administrator.",
            "Vai trò của bạn không cho phép việc này: hãy hỏi quản trị viên.",
        ),
        Reason.WRONG: (
            401,
            "User or password is not right: try again.",
            "Tên người dùng hoặc mật khẩu không đúng: hãy thử lại.",
        ),
        Reason.SLOW: (
            429,
            "Too many attempts: wait a little, then try again.",
            "Quá nhiều lần thử: hãy chờ một lát rồi thử lại.",
        ),
        Reason.BUSY: (
            429,
            "Many people are logging in: try again in a moment.",
            "Nhiều người đang đăng nhập: hãy thử lại sau giây lát.",
        ),
        Reason.CODE: (
            401,
            "The code is not right, was used already, or is over: have a new one made with `gianh user`.",
            "Mã không đúng, đã dùng rồi hoặc đã hết hạn: hãy tạo mã mới bằng lệnh “gianh user”.",
        ),
        Reason.WEAK: (
            400,
            "Choose another password: 12 to 128 characters, not one that is easy to guess.",
            "Hãy chọn mật khẩu khác: từ 12 đến 128 ký tự và không dễ đoán.",
        ),
        Reason.FOREIGN: (
            403,
            "This came from another site: use the page of this gateway itself (programs send its Origin).",
            "Yêu cầu đến từ trang khác: hãy dùng chính trang của cổng này.",
        ),
        Reason.ID: (
            400,
            "This is no user id: use 1 to 32 of a-z, 0-9 and -, not beginning with -, and not `local`.",
            "Tên người dùng không hợp lệ: dùng 1 đến 32 ký tự a-z, 0-9 và -, không bắt đầu bằng -.",
        ),
        Reason.NAME: (
            400,
            "This is no name: use 1 to 64 characters on one line.",
            "Họ tên không hợp lệ: dùng 1 đến 64 ký tự trên một dòng.",
        ),
        Reason.TAKEN: (
            409,
            "There is a user of this id already: choose another.",
            "Tên người dùng đã có: hãy chọn tên khác.",
        ),
        Reason.FULL: (
            409,
            "There are as many users as there may be: remove one first.",
            "Đã đủ số người dùng tối đa: hãy xóa bớt trước.",
        ),
        Reason.UNKNOWN: (
            404,
            "There is no user of this id: see `gianh user list`.",
            "Không có người dùng này: xem “gianh user list”.",
        ),
        Reason.LAST: (
            409,
            "This is the last administrator: make another one first.",
            "Đây là quản trị viên cuối cùng: hãy tạo người khác trước.",
        ),
        Reason.STARTED: (
            409,
            "There are users already: `gianh user reset ID` makes a code for one of them.",
            "Đã có người dùng: “gianh user reset ID” tạo mã cho một người.",
        ),
        Reason.DAMAGED: (
            503,
            "The file of users cannot be read: restore or remove users.json, then restart the gateway.",
            "Không đọc được tệp người dùng: hãy khôi phục hoặc xóa users.json rồi khởi động lại cổng.",
        ),
        Reason.ELSEWHERE: (
            409,
            "Your password is kept where you logged in, not here: change it there.",
            "Mật khẩu của bạn nằm ở nơi bạn đã đăng nhập, không ở đây: hãy đổi ở đó.",
        ),
        Reason.AWAY: (
            503,
            "The login service does not answer now. Accounts of this console itself still work: log in "
            "with user and password below, or try the service again in a minute.",
            "Dịch vụ đăng nhập hiện không trả lời. Tài khoản riêng của bảng điều khiển này vẫn dùng được: "
            "hãy đăng nhập bằng tên và mật khẩu dưới đây, hoặc thử lại dịch vụ sau một phút.",
        ),
        Reason.ODD: (
            502,
            "What the login service says cannot be trusted, so nobody was let in: an administrator finds "
            "the reason in the log of gianh console. Accounts of this console itself still work.",
            "Câu trả lời của dịch vụ đăng nhập không đáng tin nên chưa cho ai vào: quản trị viên xem lý do "
            "trong nhật ký của gianh console. Tài khoản riêng của bảng điều khiển này vẫn dùng được.",
        ),
        Reason.STALE: (
            400,
            "This login was begun in another browser, took too long, or was used already: begin it again.",
            "Lần đăng nhập này bắt đầu ở trình duyệt khác, quá lâu hoặc đã dùng rồi: hãy bắt đầu lại.",
        ),
        Reason.UNWANTED: (
            401,
            "The login service did not let you in: begin again, or ask an administrator.",
            "Dịch vụ đăng nhập không cho bạn vào: hãy bắt đầu lại hoặc hỏi quản trị viên.",
        ),
        Reason.UNMAPPED: (
            403,
            "You are known to the login service, but have no role at this console: ask an administrator.",
            "Dịch vụ đăng nhập biết bạn, nhưng bạn chưa có vai trò ở đây: hãy hỏi quản trị viên.",
        ),
        Reason.NAMELESS: (
            403,
            "The login service gives you no user name that can be shown here: ask an administrator.",
            "Dịch vụ đăng nhập không cho tên người dùng dùng được ở đây: hãy hỏi quản trị viên.",
        ),
    }
)
"""HTTP status, and the sentence in English and Vietnamese."""


class Denied(GianhError):
    """Not let in, or not obeyed; `wait_s` says how long to wait before the next attempt."""

    def __init__(self, reason: Reason, wait_s: float = 0.0) -> None:
        self.reason, self.wait_s = reason, wait_s
        self.status, text, _ = WHY[reason]
        super().__init__(text)

    def headers(self) -> dict[str, str]:
        """What the answer carries besides."""
        return {"retry-after": f"{max(1, round(self.wait_s))}"} if self.status == 429 else {}
