/** The last day or month of a station: the index alone, pollutants by their units, wind, completeness. */

import {chart, columns, rose, summarised, timeLines} from '../parts/chart.js';
import {fill, h} from '../dom.js';
import {amount, said, share, tick} from '../parts/panel.js';
import {empty, failure, waiting} from '../parts/wait.js';
import {clock, date, short} from '../units.js';

const AGAIN_MS = {'24h': 120_000, '30d': 600_000};
const HOUR_MS = 3_600_000;
const NOT_DRAWN = /^(wind_direction|particles_|rainfall)/;
const ENOUGH = 0.75;

/** Draws into `host` and keeps it fresh; gives `{end()}`. */
export function charts(host, context, station, legend, t) {
  let span = context.params?.window === '30d' ? '30d' : '24h';
  let drawn = [], timer = null, over = false, asked = 0;
  const body = h('div.air-charts', waiting(t('charts')));
  const tabs = h('div', {class: 'panel-tabs', role: 'group', 'aria-label': t('charts')});
  fill(host, h('div', {class: 'panel-bar'}, h('h2', {}, t('charts')), tabs), body);

  const press = (chosen) => {
    span = chosen;
    context.keep({station: context.params.station, window: chosen === '30d' ? chosen : ''});
    turn();
  };
  const buttons = () => fill(tabs, [['24h', 'day'], ['30d', 'month']].map(([key, word]) =>
    h('button', {type: 'button', 'aria-pressed': String(span === key), onclick: () => press(key)}, t(word))));

  async function turn() {
    clearTimeout(timer);
    buttons();
    const mine = ++asked;
    try {
      const found = await context.api.get(`/api/v1/town/air/series?station=${encodeURIComponent(station.id)}&window=${span}`);
      if (over || mine !== asked) return;
      clear();
      drawn = draw(body, found, station, legend, span, t);
    } catch (error) {
      if (over || mine !== asked) return;
      clear();
      fill(body, failure(error, turn));
    }
    if (!over) timer = setTimeout(turn, AGAIN_MS[span]);
  }
  const clear = () => {drawn.forEach((one) => one.end()); drawn = [];};
  turn();
  return {end() {over = true; clearTimeout(timer); clear();}};
}

function draw(body, found, station, legend, span, t) {
  const lines = found.lines.filter((line) => !NOT_DRAWN.test(line.point));
  if (!lines.length) {
    fill(body, empty(t('no_series')));
    return [];
  }
  const made = [];
  const put = (title, options, note, kind = '') => {
    const place = h('div', {});
    const card = h('section', {class: `card ${kind}`}, h('h3', {}, title), place, note && h('p', {class: 'soft small'}, note));
    made.push([place, {...options, label: title}]);
    return card;
  };
  const cards = [put(t(span === '24h' ? 'index_day' : 'index_month'), index(found.index, station, legend, span, t), station.standing ? `${t('reference')}. ${t('why_reference')}` : null, 'air-wide')];
  for (const [unit, group] of grouped(lines)) cards.push(put(group.length > 1 ? t(family(group[0].point)) : said(group[0].label), course(found, group, unit, station, span, t), null));
  cards.push(wind(found, t, put));
  cards.push(completeness(found, t));
  fill(body, cards);
  return made.map(([place, options]) => chart(place, options));
}

function grouped(lines) {
  const groups = new Map();
  for (const line of lines) {
    const key = `${family(line.point)} ${line.unit}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].map((group) => [group[0].unit, group]);
}

/** What is drawn on one axis: never two units, nor a gas that would flatten the others. */
function family(point) {
  if (/^(pm|tsp)/.test(point)) return 'particles';
  return ['o3', 'no2', 'so2', 'no'].includes(point) ? 'gases' : point;
}

function index(found, station, legend, span, t) {
  const rows = new Map(legend.map((row) => [row.key, row]));
  // The daily index ends at midnight: it is called after the day before.
  const named = (end) => (span === '24h' ? clock(end) : date(end - 1).slice(0, 5));
  const bars = found.ends.map((end, at) => {
    const row = rows.get(found.categories[at]);
    const value = found.values[at];
    return {name: named(end), value, colour: row?.colour, said: `${named(end)}\n${value === null ? t('no_index') : `${said(found.title)}: ${value}\n${said(row?.name)}`}`};
  });
  const table = {caption: said(found.title), head: [t('time'), said(found.title), t('category')], rows: bars.map((bar, at) => [bar.name, bar.value === null ? t('none') : String(bar.value), said(rows.get(found.categories[at])?.name)])};
  return {draw: columns({bars, unit: said(found.title), number: amount, labels: true}), table};
}

function course(found, group, unit, station, span, t) {
  const lines = group.map((line) => ({name: said(line.label), values: line.values}));
  const at = (ms) => short(ms);
  const draw = timeLines({ends: found.ends, lines, unit, number: amount, tick, moment: at, from: found.from_ms, to: found.to_ms});
  const stretchMs = span === '24h' ? HOUR_MS : 24 * HOUR_MS;
  const rows = summarised({ends: found.ends, lines, stretchMs, number: amount, moment: at, none: t('none')});
  return {draw, table: {caption: `${lines.map((line) => line.name).join(', ')} (${unit}), ${t('mean_of')}`, head: [t('time'), ...lines.map((line) => line.name)], rows}};
}

function wind(found, t, put) {
  if (!found.rose) return h('section', {class: 'card'}, h('h3', {}, t('rose')), h('p', {}, t('no_wind')));
  const {bounds, counts, calm} = found.rose;
  const total = calm + counts.flat().reduce((sum, one) => sum + one, 0);
  const sectors = t('sectors').split(',');
  const classes = [`< ${amount(bounds[0])} m/s`, ...bounds.slice(1).map((high, at) => `${amount(bounds[at])}–${amount(high)} m/s`), `≥ ${amount(bounds.at(-1))} m/s`];
  const shares = classes.map((_, kind) => sectors.map((_name, at) => Math.round((counts[at][kind] / total) * 1000) / 10));
  const table = {caption: t('rose'), head: [t('direction'), ...classes], rows: sectors.map((name, at) => [name, ...shares.map((row) => `${amount(row[at])} %`)])};
  const note = t('rose_note', {below: amount(found.rose.calm_below), calm: share(calm / total)});
  return put(t('rose'), {draw: rose({sectors, classes, shares, number: amount}), table, tall: true}, note);
}

function completeness(found, t) {
  return h('section', {class: 'card'}, h('h3', {}, t('complete')), h('table.air-complete',
    h('tbody', {}, found.lines.filter((line) => !/^particles_/.test(line.point)).map((line) => h('tr', {}, h('th', {scope: 'row'}, said(line.label)),
      h('td', {}, h('meter', {min: 0, max: 1, low: ENOUGH, optimum: 1, value: line.complete, 'aria-label': share(line.complete)})),
      h('td', {class: 'end'}, share(line.complete)),
      h('td', {}, h('span', {class: line.complete >= ENOUGH ? 'chip good' : 'chip bad'}, line.complete >= ENOUGH ? `✓ ${t('enough')}` : `▲ ${t('lacking')}`)))))),
  h('p', {class: 'soft small'}, t('complete_note')));
}
