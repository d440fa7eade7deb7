/** A night as a picture: what was planned as steps, what happened as a line, and where now is. */

import {h, s} from '../dom.js';
import {clock, moment, percent} from '../units.js';
import {drawn, hours} from './drawn.js';
import {stepWhy} from './said.js';

const LEFT = 54;
const RIGHT = 14;
const TOP = 24;
const BOTTOM = 28;
const LABEL_PX = 46;

/** `planned`: [{at, end, level}], `actual`: [[time, level]], both by percent; `words` names what is drawn. */
export function nightChart({planned, actual, sunset, sunrise, now, words}) {
  const from = new Date(sunset).getTime() - 3_600_000;
  const to = new Date(sunrise).getTime() + 3_600_000;
  const steps = planned.filter((one) => new Date(one.end) > from && new Date(one.at) < to);
  const seen = actual.filter(([at]) => new Date(at) >= from && new Date(at) <= to);
  const picture = drawn((wide) => night({wide, from, to, steps, seen, sunset, sunrise, now, words}));
  const key = h('p.key', h('span', h('i.key-plan'), words.planned), h('span', h('i.key-actual'), words.actual));
  const rows = h('details', h('summary', words.table), h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: words.table}}, h('table',
    h('thead', h('tr', [words.from, words.to, words.planned, words.why].map((one) => h('th', {scope: 'col'}, one)))),
    h('tbody', steps.map((one) => h('tr', h('td', moment(one.at)), h('td', moment(one.end)), h('td', percent(one.level)), h('td', stepWhy(one.why))))))));
  return [picture, key, rows];
}

/** The picture, `wide` units. */
function night({wide, from, to, steps, seen, sunset, sunrise, now, words}) {
  const high = Math.round(Math.min(320, Math.max(200, wide * 0.32)));
  const [floor, end] = [high - BOTTOM, wide - RIGHT];
  const x = (at) => LEFT + ((Math.min(to, Math.max(from, new Date(at).getTime())) - from) / (to - from)) * (end - LEFT);
  const y = (level) => TOP + (1 - level / 100) * (floor - TOP);
  const plan = steps.flatMap((one, index) => [`${index ? 'L' : 'M'}${x(one.at)} ${y(one.level)}`, `L${x(one.end)} ${y(one.level)}`]).join(' ');
  const line = seen.map(([at, level], index) => `${index ? 'L' : 'M'}${x(at)} ${y(level)}`).join(' ');
  const marks = hours(from, to, (LABEL_PX * (to - from)) / (end - LEFT)).filter((at) => x(at) < wide - 20);
  const late = x(now) > wide - 80;
  return s('svg', {class: 'night', viewBox: `0 0 ${wide} ${high}`, role: 'img', 'aria-label': words.about},
    s('rect', {class: 'dark', x: x(sunset), y: TOP, width: x(sunrise) - x(sunset), height: floor - TOP}),
    [0, 25, 50, 75, 100].map((level) => [s('line', {class: 'rule', x1: LEFT, x2: end, y1: y(level), y2: y(level)}),
      s('text', {x: LEFT - 8, y: y(level) + 5, 'text-anchor': 'end'}, percent(level))]),
    marks.map((at) => [s('line', {class: 'rule', x1: x(at), x2: x(at), y1: floor, y2: floor + 5}), s('text', {x: x(at), y: high - 7, 'text-anchor': 'middle'}, clock(at))]),
    s('path', {class: 'plan', d: plan ? `${plan} L${x(steps.at(-1).end)} ${y(0)} L${x(steps[0].at)} ${y(0)} Z` : ''}),
    s('path', {class: 'plan-edge', d: plan}), s('path', {class: 'actual', d: line}),
    now > from && now < to ? [s('line', {class: 'now', x1: x(now), x2: x(now), y1: 8, y2: floor}), s('text', {class: 'now-word', x: x(now) + (late ? -6 : 6), y: 15, 'text-anchor': late ? 'end' : 'start'}, words.now)] : null);
}
