/** How states and light are written: a sign, a word and a colour, never the colour alone. */

import {h} from '../dom.js';
import {number, percent, short} from '../units.js';
import {words} from '../words.js';
import table from '../words/things.js';
import {SIGNS, state} from './things.js';

export const tt = words(table);

const DRESS = {failed: 'bad', silent: 'bad', fine: 'good'};

/** The state of a thing. */
export function stateChip(thing) {
  const now = state(thing);
  return h('span', {class: `chip sign-${now} ${DRESS[now] || ''}`}, h('i', {aria: {hidden: 'true'}}, SIGNS[now]), tt(`state.${now}`));
}

/** Where light comes from, and until when. */
export function lightWords(light) {
  if (!light || light.source === null || light.source === undefined) return '';
  const held = light.source !== 'program' && light.source !== 'default';
  const end = light.until ? tt('until', {at: short(light.until)}) : held ? tt('until.none') : '';
  return [tt(`source.${light.source}`), end].filter(Boolean).join(', ');
}

/** The level of a target, whose lamps may differ. */
export function targetLevel(target) {
  if (target.level !== null) return percent(target.level);
  return target.lowest === null ? '–' : tt('level.between', {low: number(target.lowest), high: percent(target.highest)});
}
