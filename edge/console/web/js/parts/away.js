/** Gateways of the town: their names where there are several, and which of them are away since when. */

import {fill, h} from '../dom.js';
import {number, short} from '../units.js';
import {tt} from './signs.js';

const SHOWN = 3;

/** The gateway of a target or thing, by its qualified id. */
export function gatewayOf(sight, id) {
  return sight.gateways.get(id.split('/')[0]);
}

/** What people call the gateway of a target or thing; nothing where there is only this one. */
export function gatewayName(sight, id) {
  if (sight.mode !== 'centre') return '';
  const gateway = gatewayOf(sight, id);
  return gateway?.title || gateway?.id || id.split('/')[0];
}

/** Whether its gateway cannot be asked: it said that it goes, or the broker said so for it. */
export function isAway(sight, id) {
  return gatewayOf(sight, id)?.state === 'offline';
}

/** A chip that says so, for a row. */
export function awayChip(sight, id) {
  return isAway(sight, id) ? h('span.chip.bad', h('i', {aria: {hidden: 'true'}}, '?'), tt('away', {at: short(gatewayOf(sight, id).since)})) : null;
}

/** One note for a page, kept up to date: which gateways are away. */
export function awayNote(sight, live) {
  const node = h('div.away', {role: 'status'});
  const draw = () => {
    const away = [...sight.gateways.values()].filter((one) => one.state === 'offline');
    const names = away.slice(0, SHOWN).map((one) => tt('away.one', {name: one.title || one.id, at: short(one.since)}));
    const more = away.length > SHOWN ? [tt('away.more', {n: number(away.length - SHOWN)})] : [];
    fill(node, away.length ? h('p.note.warn', tt('away.these', {names: [...names, ...more].join(', ')})) : null);
  };
  const ends = live.onEach({whole: draw, change: (changed) => { if (changed.gateways.size) draw(); }});
  draw();
  return {node, ends};
}
