/** What stands for several lamps, to choose from: the gateway, groups, circuits. */

import {fill, h} from '../dom.js';

/** Fill a select with the targets of a sight; what was chosen stays, else `wanted` is. */
export function offer(select, sight, wanted = '') {
  const held = select.value || wanted;
  const order = {gateway: 0, group: 1, segment: 2};
  const targets = [...sight.targets.values()].filter((one) => one.lamps).sort((a, b) => order[a.kind] - order[b.kind] || a.title.localeCompare(b.title, 'vi'));
  fill(select, targets.map((one) => h('option', {value: one.id, selected: one.id === held}, one.title)));
}
