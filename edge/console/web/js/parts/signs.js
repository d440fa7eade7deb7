/** How states and light are written: a sign, a word and a colour, never the colour alone. */

import {h} from '../dom.js';
import {clock, now, number, percent, short} from '../units.js';
import {words} from '../words.js';
import table from '../words/things.js';
import {SIGNS, state} from './things.js';

export const tt = words(table);

const DAY_MS = 86_400_000;
const DRESS = {failed: 'bad', silent: 'bad', fine: 'good'};

/** The state of a thing. */
export function stateChip(thing) {
  const name = state(thing);
  return h('span', {class: `chip sign-${name} ${DRESS[name] || ''}`}, h('i', {aria: {hidden: 'true'}}, SIGNS[name]), tt(`state.${name}`));
}

/** Where light comes from, and until when. */
export function lightWords(light) {
  if (!light || light.source === null || light.source === undefined) return '';
  const held = light.source !== 'program' && light.source !== 'default';
  const end = light.until ? tt('until', {at: soon(light.until)}) : held ? tt('until.none') : '';
  return [tt(`source.${light.source}`), end].filter(Boolean).join(', ');
}

/** The time alone within a day from now, when it can be no other. */
function soon(at) {
  return Math.abs(new Date(at) - now()) < DAY_MS ? clock(at) : short(at);
}

/** The level of a target, whose lamps may differ. */
export function targetLevel(target) {
  if (target.level !== null) return percent(target.level);
  return target.lowest === null ? '–' : tt('level.between', {low: number(target.lowest), high: percent(target.highest)});
}
