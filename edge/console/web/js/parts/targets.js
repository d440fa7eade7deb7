/** What stands for several lamps, to choose from: the gateway, groups, circuits. */

import {fill, h} from '../dom.js';

/** Fill a select with the targets of a sight; what was chosen stays, else `wanted` is. */
export function offer(select, sight, wanted = '') {
  const held = select.value || wanted;
  const order = {gateway: 0, group: 1, segment: 2};
  const targets = sight.offered().sort((a, b) => order[a.kind] - order[b.kind] || a.title.localeCompare(b.title, 'vi'));
  fill(select, targets.map((one) => h('option', {value: one.id, selected: one.id === held}, one.title)));
}

/** The same at the centre: the whole town, called `town`, and each gateway with its groups and circuits. */
export function offerTown(select, sight, town, wanted = '') {
  const held = select.options.length ? select.value : wanted;
  const byTitle = (a, b) => a.title.localeCompare(b.title, 'vi');
  const option = (value, title) => h('option', {value, selected: value === held}, title);
  const of = new Map([...sight.gateways.values()].sort(byTitle).map((one) => [one.id, [option(one.id, one.title)]]));
  const groups = sight.offered().filter((one) => one.kind !== 'gateway');
  for (const one of groups.sort(byTitle)) of.get(one.gateway)?.push(option(one.id, one.title));
  fill(select, option('', town), [...of].map(([id, options]) => h('optgroup', {label: sight.gateways.get(id).title}, options)));
}
