export default {
  vi: {
    'of': 'Của', 'first': 'Từ đêm', 'last': 'Đến đêm', 'span': 'Khoảng thời gian', 'span.night': '1 đêm', 'span.week': '7 đêm', 'span.month': '30 đêm', 'span.year': '365 đêm', 'wait': 'điện năng',
    'centre': 'Mỗi cổng tự giữ sổ điện năng từng đêm của đèn: xem ở trang của chính cổng, hoặc bảng lamp_account trong InfluxDB của trung tâm.', 'none': 'Chưa có đèn nào trong nhóm hay tuyến.',
    'incomplete': 'Chưa đủ: chỉ tính được {share} số giờ đêm của các đèn ({n}/{all} đêm có trong sổ). Số dưới đây chỉ là của phần đó.', 'since': 'Sổ bắt đầu từ đêm {day}.', 'since.none': 'Sổ chưa có đêm nào trọn vẹn.',
    'used': 'đã dùng trong đêm', 'saved': 'tiết kiệm, {share} so với sáng 100 % cùng số giờ', 'more': 'nhiều hơn {share} so với sáng 100 % cùng số giờ', 'lit': 'giờ sáng của tất cả các đèn', 'complete': 'đầy đủ, {n}/{all} đêm',
    'measured': 'đo được', 'computed': 'tính từ mức sáng và công suất', 'mixed': '{measured} đo được, {computed} tính từ mức sáng', 'estimate': 'ước tính', 'counted': 'cổng đếm', 'unknown': 'chưa biết công suất: đặt nominal_w cho đèn',
    'meters': 'Công tơ', 'meters.about': 'Công tơ đo mọi thứ sau nó, cả ban ngày.', 'meters.span': '(từ sáng sau đêm {after} đến sáng sau đêm {until})',
    'nights': 'Từng đêm', 'nights.none': 'Không có đêm nào trong khoảng này.', 'nights.do': 'Cổng ghi sổ khi mặt trời mọc. Chọn khoảng khác, hoặc chờ hết đêm đầu tiên.', 'about': 'Điện năng từng đêm: đo được, tính ra, và nếu sáng 100 %', 'full': 'nếu sáng 100 %',
    'table': 'Xem bằng bảng', 'table.more': 'Bảng có {n} đêm gần nhất; tải CSV để có đủ.', 'csv': 'Tải CSV', 'print': 'In', 'running': 'đang chạy',
    'night': 'Đêm', 'used_': 'Đã dùng', 'measured_': 'Đo được', 'computed_': 'Tính ra', 'full_': 'Nếu 100 %', 'lit_': 'Giờ sáng', 'complete_': 'Đầy đủ',
  },
  en: {
    'of': 'Of', 'first': 'From night', 'last': 'To night', 'span': 'Span', 'span.night': '1 night', 'span.week': '7 nights', 'span.month': '30 nights', 'span.year': '365 nights', 'wait': 'energy',
    'centre': 'Each gateway keeps the book of its lamps’ nights: see it in its own console, or lamp_account in the InfluxDB of the centre.', 'none': 'There is no lamp in any group or circuit yet.',
    'incomplete': 'Not complete: only {share} of the lamps’ hours of night were counted ({n} of {all} nights are in the book). The figures are of that part.', 'since': 'The book begins with the night of {day}.', 'since.none': 'No whole night is in the book yet.',
    'used': 'used by night', 'saved': 'saved, {share} less than 100 % light in the same hours', 'more': '{share} more than 100 % light in the same hours', 'lit': 'hours of light of all lamps', 'complete': 'complete, {n} of {all} nights',
    'measured': 'measured', 'computed': 'computed from level and power', 'mixed': '{measured} measured, {computed} computed from levels', 'estimate': 'estimate', 'counted': 'counted by the gateway', 'unknown': 'power not known: give lamps nominal_w',
    'meters': 'Meters', 'meters.about': 'A meter counts whatever hangs on it, by day as well.', 'meters.span': '(from the morning after {after} to the morning after {until})',
    'nights': 'Night by night', 'nights.none': 'There is no night in this span.', 'nights.do': 'The gateway writes a night down at sunrise. Choose another span, or wait for the end of the first night.', 'about': 'Energy night by night: measured, computed, and in full light', 'full': 'in full light',
    'table': 'Show as a table', 'table.more': 'The table has the latest {n} nights; the CSV has all.', 'csv': 'Download CSV', 'print': 'Print', 'running': 'running',
    'night': 'Night', 'used_': 'Used', 'measured_': 'Measured', 'computed_': 'Computed', 'full_': 'At 100 %', 'lit_': 'Hours lit', 'complete_': 'Complete',
  },
};
