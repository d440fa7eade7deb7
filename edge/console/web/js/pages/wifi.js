/** Wi-Fi: sessions and visitors now and today, by place; small groups are never told. */

import {placed, things} from '../panels/afar.js';
import {fill, h} from '../dom.js';
import {chart, columns} from '../parts/chart.js';
import {amount, bytes, grid, kept} from '../parts/panel.js';
import {said} from '../parts/said.js';
import {empty} from '../parts/wait.js';
import {clock, quantity, short} from '../units.js';
import table from '../words/wifi.js';
import {label, words} from '../words.js';

const NOW_S = 15;
const HOUR_MS = 3_600_000;
const t = words(table);

export const page = {path: '/wifi', title: () => t('title'), permission: 'read', mount: placed(mount, things('wifi', ['wifi_usage', 'wifi_ap']))};

function mount(root, context) {
  const summary = h('div'), hours = h('div'), places = h('section.card'), points = h('section.card'), privacy = h('section.card');
  let drawn = null, told = '';
  root.append(h('h1', t('title')));

  function show(wifi, body) {
    if (wifi === null) {
      fill(body, empty(t('off'), t('off_do')));
      return;
    }
    if (!body.contains(summary)) fill(body, summary, hours, places, h('div.panel-two', points, privacy));
    const [whole] = wifi.places;
    fill(summary, figures(whole), h('p.soft.small', t('few_why', {n: wifi.group_min})));
    const now = JSON.stringify(whole.hours);
    if (now !== told) {
      told = now;
      drawn?.end();
      drawn = busiest(hours, whole, wifi.group_min);
    }
    hours.hidden = !whole.hours.length;
    fill(places, h('h2', t('places')), byPlace(wifi));
    fill(points, h('h2', t('points')), accessPoints(wifi));
    fill(privacy, h('h2', t('privacy')), h('p', t('privacy_say')), h('details', h('summary', t('kept')),
      grid(t('kept'), [t('what'), t('where'), t('how_long'), t('count')], wifi.privacy.kept.map((one) => [said(one.what_said, one.what), one.where, said(one.how_long_said, one.how_long), amount(one.now)]))));
  }

  const loading = kept(root, {what: t('title'), load: () => context.api.get('/api/v1/town/wifi'), show, everyS: NOW_S});
  return () => {
    loading.end();
    drawn?.end();
  };
}

function told(value) {
  return value === null ? h('em.few', t('few')) : amount(value);
}

function figures(whole) {
  const one = (value, name) => h('div.card.figure', h('b', value), h('span', name));
  return h('div.cards.figures', one(told(whole.sessions_open), t('now')), one(told(whole.visitors_today), t('visitors')), one(told(whole.sessions_today), t('today')),
    one(told(whole.peak_today), t('peak')), one(whole.bytes_down_today === null ? told(null) : bytes(whole.bytes_down_today), t('down')),
    one(whole.bytes_up_today === null ? told(null) : bytes(whole.bytes_up_today), t('up')));
}

function busiest(host, whole, least) {
  const known = whole.hours.filter((hour) => hour.peak !== null);
  const place = h('div');
  const most = known.reduce((best, hour) => (best === null || hour.peak > best.peak ? hour : best), null);
  const upto = most && new Date(new Date(most.begin).getTime() + HOUR_MS);
  fill(host, h('section.card', h('h2', t('hours')), most ? h('p', t('busiest', {from: clock(most.begin), to: clock(upto), n: amount(most.peak)})) : h('p', t('no_hours', {n: least})), known.length ? place : null));
  if (!known.length) return null;
  const bars = whole.hours.map((hour) => ({name: clock(hour.begin).slice(0, 2), value: hour.peak, said: `${clock(hour.begin)}\n${hour.peak === null ? t('few') : `${hour.peak} ${t('hours_axis')}`}`}));
  const rows = whole.hours.map((hour) => [clock(hour.begin), hour.peak === null ? t('few') : String(hour.peak)]);
  return chart(place, {draw: columns({bars, unit: t('hours_axis'), number: amount}), table: {caption: t('hours'), head: [t('hour'), t('hours_axis')], rows}, label: t('hours')});
}

function byPlace(wifi) {
  const heads = [t('place'), t('now'), t('today'), t('visitors'), t('data')];
  return grid(t('places'), heads, wifi.places.map((one) => [
    [h('span', one.title), h('small.soft', ` ${t(one.level)}`)], told(one.sessions_open), told(one.sessions_today), told(one.visitors_today),
    one.bytes_down_today === null ? told(null) : [h('span.whole', `↓ ${bytes(one.bytes_down_today)}`), ' ', h('span.whole', `↑ ${bytes(one.bytes_up_today)}`)],
  ]), 'numbers');
}

function accessPoints(wifi) {
  if (!wifi.access_points.length) return h('p', t('no_points'));
  const state = (one) => (one.online === null ? h('span.chip', t('unknown')) : one.online ? h('span.chip.good', `✓ ${t('answers')}`) : h('span.chip.bad', `▲ ${t('silent', {since: short(one.last_at)})}`));
  return grid(t('points'), [t('place'), t('state'), t('measured')], wifi.access_points.map((one) => [
    one.title, state(one), h('span.small', one.values.map((value) => `${label(value)}: ${quantity(value.value, value.unit)}`).join(' · ')),
  ]));
}
