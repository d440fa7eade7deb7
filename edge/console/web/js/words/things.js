/** Words for things of the town, their states and where their light comes from. */

export default {
  vi: {
    'class.lamp': 'Đèn', 'class.feeder': 'Tuyến đèn', 'class.cabinet': 'Tủ điện', 'class.air': 'Trạm không khí',
    'class.weather': 'Trạm thời tiết', 'class.meter': 'Công tơ', 'class.wifi_ap': 'Điểm Wi-Fi', 'class.all': 'Tất cả',
    'state.lit': 'sáng hết', 'state.dimmed': 'giảm sáng', 'state.off': 'tắt', 'state.failed': 'hỏng', 'state.silent': 'mất liên lạc',
    'state.fine': 'bình thường', 'state.unknown': 'chưa rõ',
    'source.program': 'theo kế hoạch', 'source.override': 'theo lệnh', 'source.emergency': 'khẩn cấp', 'source.default': 'mức mặc định',
    'source.sensor': 'theo cảm biến', 'verified': 'đã kiểm chứng', 'unverified': 'chưa kiểm chứng', 'until': 'đến {at}', 'until.none': 'đến khi trả lại',
    'kind.group': 'Nhóm', 'kind.segment': 'Tuyến', 'kind.gateway': 'Toàn cổng', 'lamps': '{n} đèn', 'lamps.failed': '{n} không theo lệnh',
    'level.between': '{low}–{high}',
  },
  en: {
    'class.lamp': 'Lamp', 'class.feeder': 'Lamp circuit', 'class.cabinet': 'Cabinet', 'class.air': 'Air station',
    'class.weather': 'Weather station', 'class.meter': 'Meter', 'class.wifi_ap': 'Wi-Fi access point', 'class.all': 'All',
    'state.lit': 'full', 'state.dimmed': 'dimmed', 'state.off': 'off', 'state.failed': 'failed', 'state.silent': 'silent',
    'state.fine': 'fine', 'state.unknown': 'not known',
    'source.program': 'by the plan', 'source.override': 'by command', 'source.emergency': 'emergency', 'source.default': 'default level',
    'source.sensor': 'by sensor', 'verified': 'verified', 'unverified': 'not verified', 'until': 'until {at}', 'until.none': 'until released',
    'kind.group': 'Group', 'kind.segment': 'Circuit', 'kind.gateway': 'Whole gateway', 'lamps': '{n} lamps', 'lamps.failed': '{n} do not follow',
    'level.between': '{low}–{high}',
  },
};
