/** Puts what was answered into gateway.toml, whole or not at all. */

import {h} from '../dom.js';
import {number} from '../units.js';
import {doing} from './refused.js';

export function write(work) {
  const {t, view} = work;
  const todo = view.todo.some((one) => one.step === 'write');
  if (!todo && view.id) return h('p.note', `✓ ${t('write_done')}`);
  if (!view.place || !view.devices.length) return h('p.note.warn', t('write_first'));
  const words = h('p', {role: 'status'});
  const button = h('button.primary.wide', {type: 'button'}, t('write'));
  button.addEventListener('click', doing({button, words, busy: t('writing'), refused: work.refused, work: async () => {
    await work.act('post', 'write', {}, false);
    work.say(t('write_said'));
  }}));
  return [h('p', t('write_say', {n: number(view.devices.length)})),
    h('ul.kept-list', view.devices.map(({answer}) => h('li', h('div', h('strong', answer.id), ' ', h('span.soft', `${answer.profile} · ${t('device_where', answer)}`))))), words, button];
}
