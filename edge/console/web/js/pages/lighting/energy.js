/** Energy and saving of a span of nights: what was measured, what was worked out, and what is missing. */

import {fill, h} from '../../dom.js';
import {date, isoDay, now, number, percent, quantity} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/energy.js';
import {loaded, waiting} from '../../parts/wait.js';
import {bars} from './energybars.js';
import {offer, offerTown} from '../../parts/targets.js';

const w = words(table);
const DAY_MS = 86_400_000;
const SPANS = {night: 1, week: 7, month: 30, year: 365};
const RISEN_MS = 7 * 3_600_000;
const LONGEST_MS = 60_000;
const ROWS = 62;
const FEW = 12;

export function energyTab(root, context) {
  const {api, live, sight, params, keep} = context;
  const box = h('div');
  const target = h('select', {onchange: () => show()});
  const first = h('input', {type: 'date', onchange: () => show()});
  const last = h('input', {type: 'date', onchange: () => show()});
  const spans = h('div.quick', {role: 'group', aria: {label: w('span')}}, Object.entries(SPANS).map(([name, days]) => h('button', {type: 'button', data: {span: name}, onclick: () => choose(days)}, w(`span.${name}`))));
  const choose = (days) => {
    // The night that runs, or by day the one before, began 12 hours ago at the latest; to the centre nights come at sunrise.
    const end = now() - (sight.mode === 'centre' ? DAY_MS + RISEN_MS : DAY_MS / 2);
    last.value = isoDay(end);
    first.value = isoDay(end - (days - 1) * DAY_MS);
    show();
  };
  const show = () => {
    if (!sight.seq) { fill(box, waiting(w('wait'))); return; }
    const town = sight.mode === 'centre';
    if (!town && !target.value) { fill(box, h('p.note', w('none'))); return; }
    const days = first.value && last.value ? Math.round((new Date(last.value) - new Date(first.value)) / DAY_MS) + 1 : 0;
    for (const button of spans.children) button.setAttribute('aria-pressed', String(SPANS[button.dataset.span] === days));
    const query = new URLSearchParams({...(town ? {target: target.value} : {}), ...(first.value ? {first: first.value} : {}), ...(last.value ? {last: last.value} : {})});
    const path = town ? '/api/v1/town/energy' : `/api/v1/light-energy/${target.value.split('/').at(-1)}`;
    keep({...params, tab: 'energy', target: target.value});
    fill(box);
    loaded(box, w('wait'), () => api.get(`${path}?${query}`, town ? {timeout: LONGEST_MS} : {}).catch(unkept), (found) => (found === null ? h('p.note.warn', '▲ ', w('configure')) : told(found, `${path}/csv?${query}`, town, pick)));
  };
  const pick = (gateway) => { target.value = gateway; show(); target.focus(); };
  const put = () => (sight.mode === 'centre' ? offerTown(target, sight, w('town'), params.target) : offer(target, sight, params.target));
  const begin = () => {
    put();
    if (first.value) show(); else choose(SPANS.month);
  };
  fill(root, h('div.row.no-print', h('label.grow', h('span', w('of')), target), h('label', h('span', w('first')), first), h('label', h('span', w('last')), last)), h('div.no-print', spans), box);
  begin();
  const others = () => { const shown = target.value; put(); if (target.value !== shown) show(); };
  return live.onEach({whole: begin, offered: others});
}

/** 409 is all that a centre without InfluxDB has to say. */
function unkept(error) {
  if (error.status === 409) return null;
  throw error;
}

function told(found, csv, town = false, pick = null) {
  const kept = found.nights.length;
  const saved = found.saved_percent;
  return [
    found.completeness < 0.995 ? h('p.note.warn', `▲ ${w(town ? 'incomplete.town' : 'incomplete', {share: percent(Math.floor(100 * found.completeness)), n: number(kept), all: number(found.owed)})} `,
      found.since ? w('since', {day: date(`${found.since}T12:00:00+07:00`)}) : w('since.none'), lost(found.gateways)) : null,
    h('div.cards.energy-cards', figure(amount(found.used_kwh), w('used'), kind(found)), figure(amount(found.saved_kwh), saved !== null && saved < 0 ? w('more', {share: percent(-Math.round(saved))}) : w('saved', {share: saved === null ? '–' : percent(Math.round(saved))}), h('span.chip.warn', w('estimate'))),
      figure(`${number(found.lit_h)}\u202fh`, w('lit'), h('span.chip', w('counted'))), figure(percent(Math.floor(100 * found.completeness)), w('complete', {n: number(kept), all: number(found.owed)}))),
    found.meters.length ? h('section.card.energy-meters', h('h2', w('meters')), h('p.soft', w('meters.about')), h('ul', found.meters.map((one) => h('li', h('strong', one.device), ': ', quantity(one.kwh, 'kWh', 1), ' ', h('span.chip.good', w('measured')), ' ', w('meters.span', {after: day(one.after), until: day(one.until)}))))) : null,
    kept ? h('section.card', h('h2', w('nights')), bars(found), list(found), h('div.row.no-print', h('a.button', {href: csv, download: ''}, w('csv')), h('button', {type: 'button', onclick: () => print()}, w('print')))) : h('div.empty', h('p', w('nights.none')), h('p.advice', w(town ? 'nights.do.town' : 'nights.do'))),
    found.gateways.length ? gateways(found, csv, pick) : null,
    town && found.nights.length ? h('p.soft', w('running.town')) : null,
  ];
}

/** Which gateways told of no night at all. */
function lost(all) {
  const silent = all.filter((one) => !one.nights).map((one) => one.title);
  if (!silent.length) return null;
  const more = silent.length > FEW ? w('silent.more', {n: number(silent.length - FEW)}) : '';
  return ` ${w('silent', {names: silent.slice(0, FEW).join(', ')})}${more}`;
}

/** A line for each gateway of the town, those of which most is missing first. */
function gateways(found, csv, pick) {
  const heads = ['gateway', 'nights_', 'used_', 'measured_', 'saved_', 'full_', 'complete_'];
  const shown = [...found.gateways].sort((a, b) => a.completeness - b.completeness || a.title.localeCompare(b.title, 'vi'));
  const cell = (value) => h('td.end', value);
  const saved = (one) => (one.saved_kwh === null ? '–' : `${amount(one.saved_kwh)} (${percent(Math.round(100 * one.saved_kwh / one.full_kwh))})`);
  return h('section.card.energy-gateways', h('h2', w('gateways')), h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: w('gateways')}}, h('table',
    h('thead', h('tr', heads.map((name) => h('th', {scope: 'col', class: name === 'gateway' ? null : 'end'}, w(name))))),
    h('tbody', shown.map((one) => h('tr', h('th.name', {scope: 'row'}, h('button.quiet', {type: 'button', onclick: () => pick(one.gateway)}, one.title)),
      cell(`${one.nights < found.owed ? '▲ ' : ''}${number(one.nights)}/${number(found.owed)}`), cell(amount(one.used_kwh)), cell(amount(one.used_kwh === null ? null : one.measured_kwh)), cell(saved(one)), cell(amount(one.full_kwh)), cell(percent(Math.floor(100 * one.completeness)))))))),
  h('div.row.no-print', h('a.button', {href: `${csv}&gateways=true`, download: ''}, w('csv.gateways'))));
}

/** Measured, worked out, or how much of which: never one for the other. */
function kind(found) {
  if (found.used_kwh === null) return h('span.chip.warn', w('unknown'));
  const share = found.used_kwh ? found.measured_kwh / found.used_kwh : 0;
  if (share >= 0.995) return h('span.chip.good', w('measured'));
  if (share <= 0.005) return h('span.chip.warn', w('computed'));
  return h('span.chip.warn', w('mixed', {measured: amount(found.measured_kwh), computed: amount(found.computed_kwh)}));
}

function figure(value, text, chip = null) {
  return h('div.card.figure', h('b', value), h('span', text), chip ? h('div', chip) : null);
}

function amount(value) {
  return value === null ? '–' : quantity(value, 'kWh', Math.abs(value) < 100 ? 2 : 0);
}

function day(text) {
  return date(`${text}T12:00:00+07:00`).slice(0, 5);
}

function list(found) {
  const heads = ['night', 'used_', 'measured_', 'computed_', 'full_', 'lit_', 'complete_'];
  const shown = found.nights.slice(-ROWS).reverse();
  const cell = (value) => h('td.end', value);
  return h('details', {open: found.nights.length <= 7}, h('summary', w('table')), h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: w('nights')}}, h('table',
    h('thead', h('tr', heads.map((name) => h('th', {scope: 'col', class: name === 'night' ? null : 'end'}, w(name))))),
    h('tbody', shown.map((one) => h('tr', h('th.name', {scope: 'row'}, date(`${one.night}T12:00:00+07:00`), one.running ? h('small.soft', ` ${w('running')}`) : null),
      cell(amount(one.used_kwh)), cell(amount(one.known ? one.measured_kwh : null)), cell(amount(one.known ? one.computed_kwh : null)), cell(amount(one.full_kwh)), cell(number(one.lit_h, 1)), cell(percent(Math.floor(100 * one.completeness)))))))),
  found.nights.length > ROWS ? h('p.soft', w('table.more', {n: number(ROWS)})) : null);
}
