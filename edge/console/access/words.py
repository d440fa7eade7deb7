"""What the pages of the login say, in both languages."""

from collections.abc import Mapping
from types import MappingProxyType

LANGUAGES = ("vi", "en")

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "title_login": ("Đăng nhập", "Log in"),
        "title_code": ("Đặt mật khẩu bằng mã dùng một lần", "Set a password with a one-time code"),
        "title_first": ("Lần khởi động đầu tiên", "First start"),
        "title_in": ("Đã đăng nhập", "Logged in"),
        "about_first": (
            "Chưa có người dùng nào. Mã dùng một lần nằm trong nhật ký của gianh run hoặc gianh console, "
            "hoặc lấy bằng lệnh: gianh user code. Người đầu tiên là quản trị viên.",
            "There is no user yet. The one-time code is in the log of gianh run or gianh console, or comes "
            "from: gianh user code. The first user is an administrator.",
        ),
        "about_code": (
            "Quản trị viên cho bạn mã này. Mã chỉ dùng một lần và hết hạn sau một giờ.",
            "An administrator gave you this code. It works once, and ends after an hour.",
        ),
        "rule": (
            "Mật khẩu: từ 12 đến 128 ký tự, không dễ đoán.",
            "Password: 12 to 128 characters, not easy to guess.",
        ),
        "user": ("Tên người dùng", "User"),
        "name": ("Họ và tên", "Your name"),
        "password": ("Mật khẩu", "Password"),
        "new_password": ("Mật khẩu mới", "New password"),
        "code": ("Mã dùng một lần", "One-time code"),
        "do_login": ("Đăng nhập", "Log in"),
        "do_code": ("Đặt mật khẩu", "Set the password"),
        "do_logout": ("Đăng xuất", "Log out"),
        "to_code": ("Tôi có mã dùng một lần", "I have a one-time code"),
        "to_login": ("Tôi đã có mật khẩu", "I have a password"),
        "go_on": ("Vào bảng điều khiển", "Go to the console"),
        "do_elsewhere": ("Đăng nhập bằng {}", "Log in with {}"),
        "or_here": (
            "Hoặc bằng tài khoản riêng của bảng điều khiển này:",
            "Or with an account of this console itself:",
        ),
        "about_out": (
            "Bạn đã đăng xuất ở đây, nhưng vẫn còn đăng nhập tại {}.",
            "You are logged out here, and still logged in at {}.",
        ),
        "do_out": ("Đăng xuất cả ở đó", "Log out there too"),
        "other": ("English", "Tiếng Việt"),
        "viewer": ("người xem", "viewer"),
        "officer": ("cán bộ môi trường", "officer"),
        "operator": ("người vận hành", "operator"),
        "technician": ("kỹ thuật viên", "technician"),
        "administrator": ("quản trị viên", "administrator"),
    }
)


def word(key: str, language: str) -> str:
    """A word in a language."""
    return WORDS[key][LANGUAGES.index(language)]


def language_of(asked: str | None) -> str:
    """The language that was asked for, Vietnamese unless it is one of ours."""
    return asked if asked in LANGUAGES else LANGUAGES[0]
