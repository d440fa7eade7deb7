export default {
  vi: {
    title: 'Người dùng', about: 'Mỗi người có một tài khoản riêng. Người mới dùng mã một lần để tự đặt mật khẩu.', name: 'Họ tên', id: 'Tên đăng nhập', role: 'Vai trò', state: 'Trạng thái', act: 'Việc làm', add: 'Thêm người dùng', add_do: 'Thêm', id_hint: 'chữ thường, số, dấu -',
    active: 'đang dùng', waiting: 'chờ đặt mật khẩu', locked: 'bị khóa', reset: 'Cấp mã mới', remove: 'Xóa', you: 'bạn', nobody: 'Chưa có người dùng nào.',
    viewer: 'người xem', officer: 'cán bộ môi trường', operator: 'người vận hành', technician: 'kỹ thuật viên', administrator: 'quản trị viên',
    code_title: 'Mã một lần cho {user}', code_say: 'Mã chỉ hiện lần này. Hãy đưa tận tay; mã dùng được một lần, trong một giờ, và hết khi cổng khởi động lại.', code_where: 'Người đó mở trang đăng nhập, chọn “dùng mã một lần” và tự đặt mật khẩu.', copy: 'Chép mã', copied: 'Đã chép.', done: 'Xong',
    reset_title: 'Cấp mã mới cho {user}?', reset_say: 'Mật khẩu cũ và mọi phiên đăng nhập của người này hết hiệu lực ngay.', remove_title: 'Xóa {user}?', remove_say: 'Người này không đăng nhập được nữa. Những gì đã làm vẫn còn trong nhật ký.', role_done: '{user} nay là {role}.', removed: 'Đã xóa {user}.', failed: 'Không làm được: {why}',
    roles: 'Vai trò nào được làm gì', viewer_may: 'xem mọi thứ trừ nhật ký', officer_may: 'xem nhật ký, ghi đã xem cảnh báo, hiệu chuẩn, tính lại số liệu', operator_may: 'điều khiển đèn và nhóm, ghi đã xem cảnh báo, hỏi thiết bị', technician_may: 'điều khiển đèn, hỏi thiết bị, ghi bảo trì, hiệu chuẩn, nạp cấu hình', administrator_may: 'mọi việc, kể cả người dùng',
  },
  en: {
    title: 'Users', about: 'Everybody has an account of their own. Who is new sets a password by a one-time code.', name: 'Name', id: 'Login', role: 'Role', state: 'State', act: 'Do', add: 'Add a user', add_do: 'Add', id_hint: 'small letters, digits, -',
    active: 'active', waiting: 'has to set a password', locked: 'locked', reset: 'New code', remove: 'Remove', you: 'you', nobody: 'There is no user yet.',
    viewer: 'viewer', officer: 'environment officer', operator: 'operator', technician: 'technician', administrator: 'administrator',
    code_title: 'One-time code for {user}', code_say: 'It is shown this once. Hand it over in person; it works once, within an hour, and ends with a restart of the gateway.', code_where: 'They open the login page, choose “use a one-time code” and set a password of their own.', copy: 'Copy', copied: 'Copied.', done: 'Done',
    reset_title: 'A new code for {user}?', reset_say: 'The password and all sessions of this user end at once.', remove_title: 'Remove {user}?', remove_say: 'They can log in no more. What they did stays in the audit log.', role_done: '{user} is now {role}.', removed: '{user} was removed.', failed: 'Could not be done: {why}',
    roles: 'Who may do what', viewer_may: 'see everything but the audit log', officer_may: 'see the audit log, acknowledge alarms, calibrate, recalculate', operator_may: 'command light and groups, acknowledge alarms, ask devices', technician_may: 'command light, ask devices, note service, calibrate, reload the configuration', administrator_may: 'everything, users too',
  },
};
