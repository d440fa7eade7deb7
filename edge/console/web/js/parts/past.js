/** The last day of a thing as a chart: a gateway's own history, at the centre InfluxDB's or what it saw. */

import {fill, h} from '../dom.js';
import {moment, now, number, short} from '../units.js';
import {label, words} from '../words.js';
import table from '../words/town.js';
import {chart, timeLines} from './chart.js';
import {tick} from './panel.js';
import {empty, failure, waiting} from './wait.js';

const w = words(table);
const DAY_MS = 86_400_000;
const STEP_S = 600;

/** Opened, it asks; gives `{node, ends}`. `values` are those of the thing, one of which is drawn. */
export function past(api, id, values) {
  let drawn = null, over = false, turn = 0;
  const body = h('div', {aria: {live: 'polite'}});
  const choice = h('select', {aria: {label: w('past.what')}, onchange: () => ask()}, values.map((one) => h('option', {value: one.point}, label(one))));
  const clear = () => { drawn?.end(); drawn = null; };

  async function ask() {
    const mine = ++turn;
    clear();
    fill(body, waiting(w('past.wait')));
    const to = Math.floor(now() / 1000 / STEP_S + 1) * STEP_S * 1000;
    const span = `from=${new Date(to - DAY_MS).toISOString()}&to=${new Date(to).toISOString()}&step=${STEP_S}`;
    try {
      const found = await api.get(`/api/v1/town/series?thing=${encodeURIComponent(id)}&point=${choice.value}&${span}`);
      if (!over && mine === turn) show(found, to);
    } catch (error) {
      if (!over && mine === turn) fill(body, failure(new Error(`${error.status === 503 ? w('past.away') : ''} ${error.message}`.trim()), ask));
    }
  }

  function show(found, to) {
    const about = found.since ? h('p.soft', w('past.seen', {at: short(found.since)})) : null;
    if (!found.at.length) { fill(body, empty(w('past.none')), about); return; }
    const name = label(found);
    const rows = found.at.map((at, place) => [moment(at), number(found.mean[place], 1), number(found.low[place], 1), number(found.high[place], 1)]);
    const place = h('div');
    fill(body, place, about);
    drawn = chart(place, {
      label: w('past.label', {name}),
      table: {caption: w('past.label', {name}), head: [w('past.at'), w('past.mean'), w('past.low'), w('past.high')], rows},
      draw: timeLines({
        ends: gapped(found).map(([at]) => at), lines: [{name, values: gapped(found).map(([, mean]) => mean)}], unit: found.unit, number: (value) => number(value, 1), tick,
        moment: (at) => moment(at), from: to - DAY_MS, to,
      }),
    });
  }

  const node = h('details', {ontoggle: () => { if (node.open && !drawn) ask(); }}, h('summary', w('past')), h('label', h('span', w('past.what')), choice), body);
  return {node, ends: () => { over = true; clear(); }};
}

/** Where steps are missing, a gap: nothing is drawn over what nobody knows. */
function gapped(found) {
  const out = [];
  found.at.forEach((at, place) => {
    const ms = new Date(at).getTime();
    if (out.length && ms - out.at(-1)[0] > 1.5 * STEP_S * 1000) out.push([out.at(-1)[0] + STEP_S * 1000, null]);
    out.push([ms, found.mean[place]]);
  });
  return out;
}
