/** A bar for each night: measured full, worked out pale, and what full light would have taken as its outline. */

import {h, s} from '../../dom.js';
import {date, isoDay, number} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/energy.js';
import {drawn, rounds} from '../../parts/drawn.js';

const w = words(table);
const DAY_MS = 86_400_000;
const [LEFT, RIGHT, TOP, BOTTOM] = [54, 14, 26, 26];
const LABEL_PX = 54;

/** The bars of what the API says of a span of nights. */
export function bars(found) {
  return [h('p.key', h('span', h('i.key-measured'), w('measured')), h('span', h('i.key-computed'), w('computed')), h('span', h('i.key-full'), w('full'))),
    drawn((wide) => picture(found, wide))];
}

function picture(found, wide) {
  const nights = new Map(found.nights.map((one) => [one.night, one]));
  const from = new Date(`${found.first}T12:00:00+07:00`).getTime();
  const most = Math.max(0.001, ...found.nights.map((one) => Math.max(one.full_kwh || 0, one.used_kwh || 0)));
  const rules = rounds(most, 3);
  const high = Math.round(Math.min(280, Math.max(190, wide * 0.28)));
  const [floor, step] = [high - BOTTOM, (wide - LEFT - RIGHT) / found.owed];
  const y = (kwh) => TOP + (floor - TOP) * (1 - kwh / rules.at(-1));
  const every = Math.max(1, Math.ceil(LABEL_PX / step));
  const shapes = [];
  for (let nth = 0; nth < found.owed; nth += 1) {
    const iso = isoDay(from + nth * DAY_MS);
    const x = LEFT + nth * step;
    // The last night has its day in any case: it is the one that is looked for.
    if ((found.owed - 1 - nth) % every === 0) shapes.push(s('text', {x: Math.min(x + step / 2, wide - 22), y: high - 6, 'text-anchor': 'middle'}, date(`${iso}T12:00:00+07:00`).slice(0, 5)));
    const one = nights.get(iso);
    if (one && one.used_kwh !== null) shapes.push(...bar(one, x + step / 2, Math.min(56, Math.max(1, step * 0.8)), y));
  }
  const digits = Math.max(0, Math.ceil(-Math.log10(rules[1])));
  return s('svg', {class: 'night energy', viewBox: `0 0 ${wide} ${high}`, role: 'img', 'aria-label': w('about')},
    s('text', {x: LEFT - 8, y: 13, 'text-anchor': 'end'}, 'kWh'),
    rules.map((kwh) => [s('line', {class: 'rule', x1: LEFT, x2: wide - RIGHT, y1: y(kwh), y2: y(kwh)}), s('text', {x: LEFT - 8, y: y(kwh) + 5, 'text-anchor': 'end'}, number(kwh, digits))]), shapes);
}

function bar(one, middle, thick, y) {
  const part = (name, low, top) => s('rect', {class: name, x: middle - thick / 2, width: thick, y: y(top), height: Math.max(0, y(low) - y(top))});
  return [part('energy-full', 0, one.full_kwh), part('energy-measured', 0, one.measured_kwh), part('energy-computed', one.measured_kwh, one.used_kwh)];
}
