export default {
  vi: {
    title: 'Wi-Fi du lịch', off: 'Cổng này không quản lý Wi-Fi.', off_do: 'Thêm [wifi], [[radius_client]] và [[hotspot]] vào gateway.toml nếu cần.',
    now: 'phiên đang mở', today: 'phiên hôm nay', visitors: 'thiết bị khách hôm nay', peak: 'cao nhất hôm nay', down: 'tải xuống hôm nay', up: 'tải lên hôm nay',
    few: 'ít', few_why: '“ít” nghĩa là dưới {n}, hoặc con số sẽ làm lộ một nhóm nhỏ như vậy.', hours: 'Giờ đông nhất hôm nay', hours_axis: 'phiên cùng lúc', busiest: 'Đông nhất: {from}–{to}, {n} phiên cùng lúc (giờ đang chạy chưa tính).',
    no_hours: 'Chưa có giờ nào đủ {n} người để nói.', hour: 'Giờ', places: 'Theo địa điểm', place: 'Địa điểm', level: 'Loại', data: 'Dữ liệu hôm nay', points: 'Điểm truy cập', no_points: 'Không có điểm truy cập nào được đọc trực tiếp; số phiên đến từ RADIUS.',
    answers: 'trả lời', silent: 'im lặng từ {since}', unknown: 'chưa biết', last: 'Lần cuối', state: 'Trạng thái', measured: 'Số liệu',
    gateway: 'toàn cổng', commune: 'xã, phường', site: 'khu vực', hotspot: 'điểm phát', privacy: 'Riêng tư',
    privacy_say: 'Cổng này chỉ đếm, không theo dõi ai: không lưu địa chỉ MAC, tên người dùng hay địa chỉ IP của khách. Dấu băm của thiết bị bị hủy khóa sau mỗi ngày, và chỉ số tổng được gửi đi.',
    kept: 'Đang giữ', what: 'Cái gì', where: 'Ở đâu', how_long: 'Bao lâu', count: 'Hiện có',
  },
  en: {
    title: 'Tourist Wi-Fi', off: 'This gateway has no Wi-Fi.', off_do: 'Add [wifi], [[radius_client]] and [[hotspot]] to gateway.toml if it should.',
    now: 'sessions open', today: 'sessions today', visitors: 'visitors’ devices today', peak: 'most at once today', down: 'downloaded today', up: 'uploaded today',
    few: 'few', few_why: '“few” is less than {n}, or a number that would give so small a group away.', hours: 'Busiest hours today', hours_axis: 'sessions at once', busiest: 'Busiest: {from}–{to}, {n} sessions at once (the hour that runs is not counted).',
    no_hours: 'No hour yet with {n} people or more to tell of.', hour: 'Hour', places: 'By place', place: 'Place', level: 'Kind', data: 'Data today', points: 'Access points', no_points: 'No access point is read itself; sessions come by RADIUS.',
    answers: 'answers', silent: 'silent since {since}', unknown: 'not known yet', last: 'Last', state: 'State', measured: 'Measured',
    gateway: 'whole gateway', commune: 'commune or ward', site: 'site', hotspot: 'hotspot', privacy: 'Privacy',
    privacy_say: 'This gateway counts and follows nobody: it keeps no MAC address, user name or IP address of a visitor. The key of devices’ hashes is destroyed each day, and only sums are sent.',
    kept: 'What is kept', what: 'What', where: 'Where', how_long: 'How long', count: 'Now',
  },
};
