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
    'level.between': '{low}–{high}', 'away': 'cổng mất liên lạc từ {at}', 'away.one': '{name} (từ {at})', 'away.more': 'và {n} cổng nữa',
    'away.these': 'Cổng mất liên lạc: {names}. Số liệu của các cổng này là của lúc đó, và chúng không nghe được lệnh.',
  },
  en: {
    'class.lamp': 'Lamp', 'class.feeder': 'Lamp circuit', 'class.cabinet': 'Cabinet', 'class.air': 'Air station',
    'class.weather': 'Weather station', 'class.meter': 'Meter', 'class.wifi_ap': 'Wi-Fi access point', 'class.all': 'All',
    'state.lit': 'full', 'state.dimmed': 'dimmed', 'state.off': 'off', 'state.failed': 'failed', 'state.silent': 'silent',
    'state.fine': 'fine', 'state.unknown': 'not known',
    'source.program': 'by the plan', 'source.override': 'by command', 'source.emergency': 'emergency', 'source.default': 'default level',
    'source.sensor': 'by sensor', 'verified': 'verified', 'unverified': 'not verified', 'until': 'until {at}', 'until.none': 'until released',
    'kind.group': 'Group', 'kind.segment': 'Circuit', 'kind.gateway': 'Whole gateway', 'lamps': '{n} lamps', 'lamps.one': '{n} lamp', 'lamps.failed': '{n} do not follow', 'lamps.failed.one': '{n} does not follow',
    'level.between': '{low}–{high}', 'away': 'gateway away since {at}', 'away.one': '{name} (since {at})', 'away.more': 'and {n} more',
    'away.these': 'Gateways that are away: {names}. What is shown of them is of that time, and they hear no commands.',
  },
};
