/** Lamps that a crew must see: on paper and as CSV as well. */

import {fill, h} from '../../dom.js';
import {isoDay, moment, now, number} from '../../units.js';
import {t, words} from '../../words.js';
import table from '../../words/lighting.js';
import {isLamp, state} from '../../parts/things.js';
import {saidText} from '../../parts/said.js';
import {empty, waiting} from '../../parts/wait.js';

const w = words(table);

export function faultsTab(root, {sight, live}) {
  const draw = () => {
    if (!sight.seq) { fill(root, waiting(t('wait.town'))); return; }
    const rows = broken(sight);
    fill(root, h('div.row.no-print', h('button', {type: 'button', onclick: () => print()}, t('print')),
      h('button', {type: 'button', onclick: () => save(rows)}, t('csv'))),
    h('h2', w('tab.faults')), h('p.soft', w('faults.about', {at: moment(now())}), ' ', h('strong', w('faults.count', {n: number(rows.length)}))),
    rows.length ? sheet(rows) : empty(w('faults.none')));
  };
  draw();
  let later = null;
  const takeDown = live.onEach({whole: draw, change: ({things, alarms}) => {
    if (things.size + alarms.size) later ??= setTimeout(() => { later = null; if (root.isConnected && !root.contains(document.activeElement)) draw(); }, 5_000);
  }});
  return () => { clearTimeout(later); takeDown(); };
}

/** Lamps in trouble by street and pole, each with its faults in words. */
function broken(sight) {
  const alarms = new Map();
  for (const alarm of sight.alarms.values()) {
    const id = `${alarm.gateway}/${alarm.device}`;
    if (!alarms.has(id)) alarms.set(id, []);
    alarms.get(id).push(alarm);
  }
  return [...sight.things.values()].filter((thing) => isLamp(thing) && (['failed', 'silent'].includes(state(thing)) || alarms.has(thing.id)))
    .map((thing) => {
      const said = (alarms.get(thing.id) || []).map((alarm) => saidText(alarm.said, alarm.text));
      const since = (alarms.get(thing.id) || []).map((alarm) => alarm.at).sort()[0] || thing.silent_since;
      return {thing, fault: state(thing) === 'silent' ? w('fault.silent') : w('fault.failed'), said, since};
    })
    .sort((a, b) => `${a.thing.street}${a.thing.pole}`.localeCompare(`${b.thing.street}${b.thing.pole}`, 'vi', {numeric: true}));
}

function sheet(rows) {
  const columns = ['lamp', 'pole', 'street', 'commune', 'fault', 'since', 'note'];
  return h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: w('tab.faults')}}, h('table.faults', h('thead', h('tr', columns.map((name) => h('th', {scope: 'col'}, w(`column.${name}`))))),
    h('tbody', rows.map(({thing, fault, said, since}) => h('tr', h('th', {scope: 'row'}, thing.title || thing.id, h('small', thing.id)), h('td', named('pole'), thing.pole),
      h('td', named('street'), thing.street), h('td', named('commune'), thing.commune), h('td', named('fault'), h('strong', fault), said.map((one) => h('small', one))),
      h('td', named('since'), moment(since)), h('td.blank'))))));
}

/** The column's name, which a cell needs where a phone shows rows as cards. */
function named(column) {
  return {data: {title: w(`column.${column}`)}};
}

/** Comma separated, with the mark by which spreadsheets know UTF-8. */
function save(rows) {
  const head = ['id', 'title', 'pole', 'street', 'commune', 'latitude', 'longitude', 'fault', 'alarms', 'since'];
  const lines = rows.map(({thing, fault, said, since}) =>
    [thing.id, thing.title, thing.pole, thing.street, thing.commune, thing.lat, thing.lon, fault, said.join('; '), since]);
  const text = [head, ...lines].map((line) => line.map(cell).join(',')).join('\r\n');
  const link = h('a', {href: URL.createObjectURL(new Blob(['\ufeff', text, '\r\n'], {type: 'text/csv'})), download: `${w('file')}-${isoDay()}.csv`});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A cell that no spreadsheet takes for a formula. */
function cell(value) {
  let text = String(value ?? '');
  if (/^[=+@\t\r]|^-[^\d]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
