/** A night as a picture: what was planned as steps, what happened as a line, and where now is. */

import {h, s} from '../dom.js';
import {clock, moment, percent} from '../units.js';

const WIDE = 960;
const HIGH = 300;
const LEFT = 78;
const TOP = 14;
const BOTTOM = 34;

/** `planned`: [{at, end, level}], `actual`: [[time, level]], both by percent; `words` names what is drawn. */
export function nightChart({planned, actual, sunset, sunrise, now, words}) {
  const from = new Date(sunset).getTime() - 3_600_000;
  const to = new Date(sunrise).getTime() + 3_600_000;
  const x = (at) => LEFT + ((Math.min(to, Math.max(from, new Date(at).getTime())) - from) / (to - from)) * (WIDE - LEFT - 12);
  const y = (level) => TOP + (1 - level / 100) * (HIGH - TOP - BOTTOM);
  const steps = planned.filter((one) => new Date(one.end) > from && new Date(one.at) < to);
  const plan = steps.flatMap((one, index) => [`${index ? 'L' : 'M'}${x(one.at)} ${y(one.level)}`, `L${x(one.end)} ${y(one.level)}`]).join(' ');
  const seen = actual.filter(([at]) => new Date(at) >= from && new Date(at) <= to);
  const line = seen.map(([at, level], index) => `${index ? 'L' : 'M'}${x(at)} ${y(level)}`).join(' ');
  const hours = [];
  for (let at = Math.ceil(from / 7_200_000) * 7_200_000; at < to; at += 7_200_000) hours.push(at);
  const picture = s('svg', {class: 'night', viewBox: `0 0 ${WIDE} ${HIGH}`, role: 'img', 'aria-label': words.about},
    s('rect', {class: 'dark', x: x(sunset), y: TOP, width: x(sunrise) - x(sunset), height: HIGH - TOP - BOTTOM}),
    [0, 25, 50, 75, 100].map((level) => [s('line', {class: 'rule', x1: LEFT, x2: WIDE - 12, y1: y(level), y2: y(level)}),
      s('text', {x: LEFT - 8, y: y(level) + 5, 'text-anchor': 'end'}, percent(level))]),
    hours.map((at) => s('text', {x: x(at), y: HIGH - 12, 'text-anchor': 'middle'}, clock(at))),
    s('path', {class: 'plan', d: plan ? `${plan} L${x(steps.at(-1).end)} ${y(0)} L${x(steps[0].at)} ${y(0)} Z` : ''}),
    s('path', {class: 'plan-edge', d: plan}), s('path', {class: 'actual', d: line}),
    now > from && now < to ? [s('line', {class: 'now', x1: x(now), x2: x(now), y1: TOP, y2: HIGH - BOTTOM}), s('text', {x: x(now) + 5, y: TOP + 12}, words.now)] : null);
  const key = h('p.key', h('span', h('i.key-plan'), words.planned), h('span', h('i.key-actual'), words.actual));
  const rows = h('details', h('summary', words.table), h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: words.table}}, h('table',
    h('thead', h('tr', [words.from, words.to, words.planned, words.why].map((one) => h('th', {scope: 'col'}, one)))),
    h('tbody', steps.map((one) => h('tr', h('td', moment(one.at)), h('td', moment(one.end)), h('td', percent(one.level)), h('td', one.why)))))));
  return [h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: words.about}}, picture), key, rows];
}
