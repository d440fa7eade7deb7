export default {
  vi: {
    'of': 'Của', 'night': 'Đêm bắt đầu ngày', 'wait': 'kế hoạch và những gì đã xảy ra', 'title': 'Đêm {from}', 'default': 'chưa gán lịch: mức mặc định',
    'sun': 'mặt trời lặn – mọc', 'energy': 'điện năng dự tính, {n}/{all} đèn biết công suất', 'energy.none': 'chưa biết công suất: đặt nominal_w cho đèn',
    'saved': 'tiết kiệm so với sáng hết cả đêm', 'about': 'Mức sáng theo kế hoạch và thực tế trong đêm', 'planned': 'Theo kế hoạch', 'actual': 'Thực tế (trung bình {n}/{all} đèn)',
    'actual.none': 'Chưa có số đo của đêm này.', 'now': 'bây giờ', 'table': 'Xem bằng bảng', 'from': 'Từ', 'to': 'Đến', 'why': 'Theo bước',
    'centre': 'Kế hoạch của mỗi cổng nằm trong gateway.toml của cổng đó; xem ở trang của chính cổng.', 'none': 'Chưa có đèn nào trong nhóm hay tuyến.',
  },
  en: {
    'of': 'Of', 'night': 'Night that begins on', 'wait': 'the plan and what happened', 'title': 'Night of {from}', 'default': 'no calendar assigned: default level',
    'sun': 'sunset – sunrise', 'energy': 'expected energy, {n} of {all} lamps have a known power', 'energy.none': 'power not known: give lamps nominal_w',
    'saved': 'less than in full light all night', 'about': 'Planned and actual level through the night', 'planned': 'Planned', 'actual': 'Actual (mean of {n} of {all} lamps)',
    'actual.none': 'There is no measurement of this night yet.', 'now': 'now', 'table': 'Show as a table', 'from': 'From', 'to': 'To', 'why': 'By the step',
    'centre': 'Each gateway keeps its plan in its own gateway.toml: see it in its own console.', 'none': 'There is no lamp in any group or circuit yet.',
  },
};
