/** Words of pages as the centre has them. */

export default {
  vi: {
    where: 'thị xã', more: 'Hiện {n} trong {all}; chọn thiết bị khác ở trang Toàn cảnh.', silent: 'im lặng', last: 'số liệu {ago}', never: 'chưa có số liệu', doubted: '(nghi ngờ)', only_do: 'Địa chỉ của cổng ghi trên nhãn tủ; trang Toàn cảnh cho biết cổng nào còn liên lạc.',
    no_values: 'Chưa có trung bình hay chỉ số nào từ lúc trung tâm khởi động: cổng gửi mỗi giờ một lần.',
    air_title: 'Không khí', air_say: 'Giá trị, trung bình giờ và chỉ số VN_AQI như các cổng gửi về. So với giới hạn, biểu đồ và báo cáo: ở trang của chính cổng.', air_none: 'Chưa cổng nào gửi số liệu không khí.', air_none_do: 'Trạm hiện ra khi cổng của nó kết nối với trung tâm.',
    wifi_title: 'Wi-Fi', wifi_say: 'Số phiên và lượng dữ liệu mỗi giờ như các cổng gửi về, nhóm nhỏ không được kể. Từng giờ trong ngày và cách giữ riêng tư: ở trang của chính cổng.', wifi_none: 'Chưa cổng nào gửi số liệu Wi-Fi.', wifi_none_do: 'Số liệu hiện ra khi cổng có [radius] hoặc bộ phát kết nối với trung tâm.',
    audit_title: 'Nhật ký', audit_say: 'Ai đã làm gì, như trung tâm nghe được từ lúc khởi động. Nhật ký đầy đủ, có mã băm để kiểm tra, nằm ở từng cổng.', audit_none: 'Từ lúc đó chưa ai làm gì.', since: 'Nghe từ {at}.', when: 'Lúc', gateway: 'Cổng', who: 'Ai', did: 'Việc',
    field_title: 'Hiện trường', field_say: 'Trang này cần đứng ngay tại đường truyền: mở nó ở địa chỉ của chính cổng.',
    commission_title: 'Lắp đặt', commission_say: 'Việc lắp đặt làm tại cổng: mở trang này ở địa chỉ của chính cổng.',
  },
  en: {
    where: 'the town', more: '{n} of {all} are shown; choose others on the Overview page.', silent: 'silent', last: 'figures of {ago}', never: 'no figures yet', doubted: '(doubted)', only_do: 'The address of the gateway stands on the label of its cabinet; the Overview page says which gateways are heard.',
    no_values: 'No mean or index has come since the centre started: gateways send them once an hour.',
    air_title: 'Air', air_say: 'Values, hourly means and VN_AQI as the gateways send them. Limits, charts and reports: on the page of the gateway itself.', air_none: 'No gateway has sent figures of the air yet.', air_none_do: 'A station is shown once its gateway is connected to the centre.',
    wifi_title: 'Wi-Fi', wifi_say: 'Sessions and data by the hour as the gateways send them; small groups are not told. The hours of the day and how privacy is kept: on the page of the gateway itself.', wifi_none: 'No gateway has sent figures of Wi-Fi yet.', wifi_none_do: 'They are shown once a gateway with [radius] or access points is connected to the centre.',
    audit_title: 'Audit log', audit_say: 'Who did what, as the centre heard it since its start. The whole log, with hashes to verify it, is at each gateway.', audit_none: 'Nobody has done anything since.', since: 'Heard since {at}.', when: 'When', gateway: 'Gateway', who: 'Who', did: 'What',
    field_title: 'Field', field_say: 'This page has to stand at the line: open it by the address of the gateway itself.',
    commission_title: 'Commissioning', commission_say: 'Commissioning is done at the gateway: open this page by the address of the gateway itself.',
  },
};
