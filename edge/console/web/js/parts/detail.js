/** One thing with all of its values, beside the map or list. */

import {h, icon} from '../dom.js';
import {ago, moment, percent, quantity} from '../units.js';
import {label, words} from '../words.js';
import table from '../words/town.js';
import {isLamp} from './things.js';
import {past} from './past.js';
import {lightWords, stateChip, tt} from './signs.js';
import {loaded} from './wait.js';

const w = words(table);
const EVERY_MS = 5_000;

/** Show a thing in `root`; gives what ends that. */
export function showDetail(root, {api, who, sight}, id, close) {
  const body = h('div');
  const history = h('div');
  let drawn = null;
  const known = sight.things.get(id);
  const head = h('div.detail-head', h('h2', {tabindex: '-1'}, known?.title || id),
    h('button.quiet', {type: 'button', aria: {label: w('detail.close')}, onclick: close}, icon('close')));
  root.replaceChildren(head, history, body);
  const again = loaded(body, w('detail.wait', {name: known?.title || id}), () => api.get(`/api/v1/town/things/${id}`),
    (thing) => {
      head.firstElementChild.textContent = thing.title || id;
      if (!drawn && thing.values.length) {
        drawn = past(api, id, thing.values);
        history.append(drawn.node);
      }
      return told(id, thing, sight.things.get(id) || thing, who, sight);
    });
  head.firstElementChild.focus({preventScroll: true});
  const timer = setInterval(() => { if (!document.hidden) again(); }, EVERY_MS);
  return () => { clearInterval(timer); drawn?.ends(); };
}

function told(id, thing, known, who, sight) {
  const facts = [
    [w('column.class'), tt(`class.${thing.class}`)],
    [w('detail.place'), [thing.pole, thing.street].filter(Boolean).join(' · ')],
    [w('detail.commune'), thing.commune],
    [w('detail.groups'), thing.groups.map((one) => sight.targets.get(`${id.split('/')[0]}/${one}`)?.title || one).join(', ')],
    [w('detail.light'), thing.light && `${percent(thing.light.level)}, ${lightWords(thing.light)}`],
    [w('detail.answer'), thing.last_at && [moment(thing.last_at, true), ' ', h('span.whole', `(${ago(thing.last_at)})`)]],
  ].filter(([, value]) => value);
  return [
    h('p', stateChip(known), ' ', h('code.soft', thing.id)),
    thing.silent_since ? h('p.note.bad', w('detail.silent', {at: moment(thing.silent_since), ago: ago(thing.silent_since)})) : null,
    h('dl.facts', facts.map(([name, value]) => [h('dt', name), h('dd', value)])),
    isLamp(thing) && who.may('light') ? h('p', h('a.button.primary', {href: `/lighting?choose=${thing.id}`}, w('detail.command'))) : null,
    h('h3', w('detail.values')),
    thing.values.length ? h('dl.values', thing.values.map((value) => [h('dt', label(value)), h('dd', quantity(value.value, value.unit),
      value.quality === 'good' ? null : h('span.chip.warn', w(`flag.${value.quality}`)))])) : h('p.soft', w('detail.none')),
  ];
}
