/** What stands now of a station: the index with its advice, pollutants against limits, findings. */

import {h} from '../dom.js';
import {amount, said, share} from '../parts/panel.js';
import {said as saidOf} from '../parts/said.js';
import {ago, date, short} from '../units.js';

const QUIET_MS = 10 * 60_000;
const SPANS = {'1m': '1 min', '5m': '5 min', '1h': '1 h', '8h': '8 h', '24h': '24 h'};

/** The newest time that any mean of a station ends, null where there is none. */
export function newest(station) {
  const ends = station.quantities.flatMap((one) => Object.values(one.means).filter((mean) => mean.value !== null).map((mean) => mean.end));
  return ends.sort().at(-1) ?? null;
}

export function standing(station, air, t) {
  const vn = station.indices.find((one) => one.scheme === 'vn_hour') ?? null;
  const others = station.indices.filter((one) => one !== vn);
  const last = newest(station);
  const quiet = last !== null && new Date(air.at) - new Date(last) > QUIET_MS;
  return h('section', {class: 'card air-standing'},
    h('div', {class: 'air-title'}, h('h2', {}, station.title), badge(station, t)),
    station.calibrating && h('p', {class: 'note warn'}, t('calibrating_now')),
    quiet && h('p', {class: 'note bad', role: 'alert'}, t('silent', {since: short(last), ago: ago(last, new Date(air.at))})),
    last === null && h('p', {class: 'note bad'}, t('no_values')),
    index(vn, station, t),
    others.map((one) => small(one, station, t)),
    legend(air.legend, vn, t));
}

function badge(station, t) {
  if (!station.standing) return h('span', {class: 'chip good'}, t('certified'));
  return h('span', {class: 'chip warn', title: t('why_reference')}, t('reference'));
}

function index(vn, station, t) {
  if (vn === null || vn.value === null) {
    return h('div', {class: 'air-index air-index-none'}, h('p', {class: 'air-number'}, '–'),
      h('div', {}, h('p', {class: 'air-category'}, t('no_index')), vn && h('p', {}, saidOf(vn.why_said, vn.why))));
  }
  const {category} = vn;
  const face = h('div', {class: 'air-face'}, h('p', {class: 'air-scheme'}, said(vn.title)), h('p', {class: 'air-number'}, String(vn.value)), h('p', {class: 'air-category'}, said(category.name)));
  paint(face, category.colour);
  return h('div', {class: 'air-index'}, face,
    h('div', {class: 'air-advice'},
      h('p', {class: 'air-when'}, `${t('at', {at: short(vn.at)})} · ${t('main')}: ${name(station, vn.main)}`,
        station.standing && h('span', {class: 'air-standing-word'}, ` · ${t('reference')}`)),
      h('h3', {}, t('everybody')), h('p', {class: 'air-say'}, said(category.general)),
      h('h3', {title: t('sensitive_who')}, t('sensitive')), h('p', {class: 'air-say'}, said(category.sensitive)),
      h('p', {class: 'soft small'}, t('sensitive_who'), '.'),
      station.standing && h('p', {class: 'soft small'}, t('why_reference')),
      station.correction && h('p', {class: 'soft small'}, t('correction', {name: station.correction}))));
}

function small(one, station, t) {
  const value = one.value === null ? '–' : String(one.value);
  const word = one.category ? said(one.category.name) : t('no_index');
  // A daily index ends at midnight: it is called after the day before.
  const when = one.scheme === 'vn_day' ? date(new Date(one.at) - 1) : short(one.at);
  return h('p', {class: 'air-other'}, h('strong', {}, `${said(one.title)}: ${value}`), ` · ${word} · ${when}`,
    one.scheme === 'us' && h('span', {class: 'soft small'}, ` ${t('us_note')}`));
}

function legend(rows, vn, t) {
  return h('ol', {class: 'air-legend', 'aria-label': t('legend')}, rows.map((row, at) => {
    const chip = h('span', {class: 'air-chip'});
    paint(chip, row.colour);
    const bounds = at === rows.length - 1 ? t('from', {low: row.low}) : t('good_to', row);
    const here = vn?.category?.key === row.key;
    return h('li', {class: here ? 'air-here' : '', 'aria-current': here ? 'true' : null}, chip, h('span', {}, said(row.name)), h('span', {class: 'soft small'}, bounds));
  }));
}

/** Colours a background with the index's own colour, and the ink so that it can be read. */
export function paint(element, colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  element.style.backgroundColor = colour;
  element.style.color = (bright + 0.05) / 0.05 > 1.05 / (bright + 0.05) ? '#000000' : '#ffffff';
}

function name(station, point) {
  return said(station.quantities.find((one) => one.point === point)?.label) || point;
}

export function limits(station, t) {
  const judged = station.quantities.filter((one) => one.limits.length);
  const others = station.quantities.filter((one) => !one.limits.length && Object.values(one.means).some((mean) => mean.value !== null));
  const rows = judged.flatMap((one) => spansOf(one).map((span) => limitRow(one, span, t)));
  return h('section', {class: 'card air-limits'}, h('h2', {}, t('limits')),
    h('div', {class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': t('limits')}, h('table', {class: ''},
      h('thead', {}, h('tr', {}, [t('quantity'), t('value'), t('qcvn'), t('who')].map((text) => h('th', {scope: 'col'}, text)))),
      h('tbody', {}, rows))),
    h('p', {class: 'soft small'}, t('limits_note')),
    others.length > 0 && h('details', {}, h('summary', {}, `${t('other')} (${others.length})`),
      h('dl', {class: 'panel-values'}, others.map((one) => other(one, t)))));
}

function spansOf(one) {
  return [...new Set(one.limits.map((limit) => limit.span))];
}

function limitRow(one, span, t) {
  const mean = one.means[span];
  const held = (standard) => one.limits.find((limit) => limit.span === span && limit.standard === standard);
  const known = mean && mean.value !== null;
  const words = known ? [mean.suspect && t('suspect'), held('qcvn')?.conversion && t('nm3', {value: `${amount(held('qcvn').held)} ${one.unit.replace('/m³', '/Nm³')}`})]
    : [mean ? t('coverage', {part: share(mean.coverage)}) : t('not_known')];
  const notes = words.filter(Boolean);
  return h('tr', {}, h('th', {scope: 'row'}, said(one.label), h('span', {class: 'soft small'}, ` ${SPANS[span]}`)),
    h('td', {class: 'end'}, known ? `${amount(mean.value)} ${one.unit}` : '–', notes.map((note) => h('span', {class: known ? 'soft small whole air-note' : 'soft small'}, ` ${note}`))),
    h('td', {}, against(held('qcvn'), mean, one.unit, t)), h('td', {}, against(held('who'), mean, one.unit, t)));
}

function against(limit, mean, unit, t) {
  if (!limit) return h('span', {class: 'soft small'}, '–');
  const text = `${amount(limit.value)} ${unit}`;
  if (limit.exceeded === null) return text;
  const part = limit.held / limit.value;
  const meter = h('meter', {min: 0, max: 1.5, high: 1, value: Math.min(part, 1.5), 'aria-label': t('of_limit', {part: `${Math.round(part * 100)} %`}), title: limit.conversion || null});
  return h('span', {class: 'air-held'}, h('span', {class: 'air-limit'}, text), meter, h('span', {class: limit.exceeded ? 'chip bad' : 'chip good'}, `${limit.exceeded ? '▲' : '✓'} ${limit.exceeded ? t('over') : t('under')}`));
}

function other(one, t) {
  const [span, mean] = ['1m', '5m', '1h'].map((key) => [key, one.means[key]]).find(([, found]) => found && found.value !== null)
    ?? Object.entries(one.means).find(([, found]) => found.value !== null);
  return [h('dt', {}, said(one.label)), h('dd', {}, `${amount(mean.value)} ${one.unit}`, h('span', {class: 'soft small'}, ` ${SPANS[span]}${mean.suspect ? `, ${t('suspect')}` : ''}`))];
}

export function flags(station, t) {
  const rows = station.lately;
  return h('section', {class: 'card air-flags'}, h('h2', {}, t('flags')),
    rows.length === 0 ? h('p', {}, '✓ ', t('no_flags')) : h('div', {class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': t('flags')}, h('table', {class: ''},
      h('thead', {}, h('tr', {}, [t('quantity'), t('check'), t('found'), t('last'), t('times')].map((text) => h('th', {scope: 'col'}, text)))),
      h('tbody', {}, rows.map((one) => h('tr', {},
        h('th', {scope: 'row'}, said(one.label), h('span', {class: 'soft small'}, ` ${one.device}`)),
        h('td', {}, t(one.check)), h('td', {}, t(one.verdict), h('span', {class: 'soft small'}, ' ', saidOf(one.said, one.text))),
        h('td', {}, short(one.at)), h('td', {class: 'end'}, amount(one.times))))))));
}
