/** Who commanded what, and what became of it: the latest orders that this console knows. */

import {h} from '../../dom.js';
import {moment, number, percent} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/lighting.js';
import {saidText} from '../../parts/said.js';
import {empty, loaded} from '../../parts/wait.js';
import {stateWord} from './outcomes.js';

const w = words(table);

export function historyTab(root, {api, live, sight}) {
  const name = (id) => sight.targets.get(id)?.title || sight.things.get(id)?.title || id;
  const again = loaded(root, w('history.wait'), () => api.get('/api/v1/town/commands?limit=200'), (orders) => {
    const light = orders.filter((order) => order.verb === 'light');
    if (!light.length) return empty(w('history.none'));
    const columns = ['when', 'who', 'what', 'target', 'outcome'];
    return h('div.card.table-scroll', {tabindex: '0', role: 'region', aria: {label: w('tab.history')}}, h('table.as-cards', h('thead', h('tr', columns.map((one) => h('th', {scope: 'col'}, w(`column.${one}`))))),
      h('tbody', light.map((order) => h('tr', h('td', named('when'), moment(order.at, true)), h('td', named('who'), order.by === 'local' ? w('local') : order.by),
        h('td', named('what'), order.asked.release ? w('order.release') : w('order.set', {level: percent(order.asked.level)})),
        h('td', named('target'), order.targets.slice(0, 4).map((one) => name(one.target)).join(', '), order.targets.length > 4 ? ` … (${number(order.targets.length)})` : ''),
        h('td', named('outcome'), summed(order.targets), [...new Set(order.targets.map((one) => one.confirm ? '' : saidText(one.said, one.reason)))].filter(Boolean).slice(0, 2).map((why) => h('small.soft', why))))))));
  });
  const off = live.on('change', ({commands}) => { if (commands.length) again(); });
  return () => off();
}

/** The column's name, which a cell needs where a phone shows rows as cards. */
function named(column) {
  return {data: {title: w(`column.${column}`)}};
}

function summed(targets) {
  const counts = new Map();
  for (const one of targets) {
    const state = one.confirm ? 'confirm' : one.state;
    counts.set(state, (counts.get(state) || 0) + 1);
  }
  const dress = {verified: 'good', failed: 'bad', unknown: 'warn', confirm: 'warn'};
  return [...counts].map(([state, n]) => [h('span', {class: `chip ${dress[state] || ''}`}, targets.length > 1 ? `${number(n)} ${w(`state.${state}`)}` : stateWord(targets[0])), ' ']);
}
