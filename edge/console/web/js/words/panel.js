/** Words that the panels share. */

export default {
  vi: {
    'stale': 'Số liệu từ {since}; từ đó không nhận được gì mới.',
    'elsewhere': 'Trung tâm không có trang này: hãy mở trang của chính cổng.',
    'charts': 'biểu đồ',
    'may_not': 'Vai trò của bạn chỉ được xem.',
  },
  en: {
    'stale': 'The figures are from {since}; nothing new has come since.',
    'elsewhere': 'The centre does not have this page: open the one of the gateway itself.',
    'charts': 'charts',
    'may_not': 'Your role may only look.',
  },
};
