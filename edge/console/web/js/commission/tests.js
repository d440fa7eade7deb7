/** That each device is the one that is meant: read it, or look at the lamp; and what the lamp draws. */

import {fill, h} from '../dom.js';
import {share} from '../parts/panel.js';
import {quantity} from '../units.js';
import {language} from '../words.js';
import {doing} from './refused.js';

export function tests(work) {
  const {t, view} = work;
  if (!view.devices.length || view.todo.some((one) => one.step === 'write')) return h('p.note.warn', t('test_first'));
  return h('ul.kept-list', view.devices.map((one) => h('li', {data: {device: one.answer.id}}, shown(work, one), one.answer.expected_w ? power(work, one) : null)));
}

function shown(work, {answer, test}) {
  const {t, act} = work;
  const words = h('p', {role: 'status'}), desk = h('div');
  const id = answer.id;
  const verdict = h(`span.chip.${test ? (test.passed ? 'good' : 'bad') : 'warn'}`, test ? (test.passed ? `✓ ${t('passed')}` : `▲ ${t('not_passed')}`) : t('not_tested'));
  const read = h('button', {type: 'button'}, t('test'));
  read.addEventListener('click', doing({button: read, words, busy: t('reading'), refused: work.refused, work: () => act('post', `device/${id}/test`, {kind: 'read'})}));
  const say = (seen) => doing({button: read, words, busy: '…', refused: work.refused, work: () => act('post', `device/${id}/test`, {kind: 'blink', seen})});
  const blink = isLamp(work, answer) ? h('button.primary', {type: 'button'}, t('blink')) : null;
  blink?.addEventListener('click', doing({button: blink, words, busy: t('blinking'), refused: work.refused, work: async () => {
    // Asked aside: what is drawn anew by an answer would take the question away.
    await work.api.post(`${work.room}/device/${id}/blink`, {}, {timeout: 90_000});
    fill(desk, h('p', h('strong', t('seen', {pole: answer.pole ?? id}))), h('div.two', h('button.primary', {type: 'button', onclick: say(true)}, t('seen_yes')), h('button', {type: 'button', onclick: say(false)}, t('seen_no'))));
    desk.querySelector('button').focus();
  }}));
  return [h('div.panel-bar', h('strong', [id, answer.pole].filter(Boolean).join(' · ')), verdict), test ? h('p.small', result(t, test)) : null, h('div.two', blink, read), words, desk];
}

const isLamp = (work, answer) => Boolean(answer.expected_w) || work.choices.models.some((one) => one.id === answer.profile && one.lamp);

function result(t, test) {
  if (test.kind === 'blink') return t(test.passed ? 'said_seen' : 'said_other');
  const values = test.values.filter(([, value]) => value !== null).slice(0, 5).map(([name, value]) => `${name} ${quantity(value)}`).join(' · ');
  return values || (language() === 'vi' ? test.said_vi || t('server_says', {why: test.said}) : test.said);
}

function power(work, {answer, power: found}) {
  const {t, view, field} = work;
  const words = h('p', {role: 'status'});
  const meters = [...new Set([...view.devices.map((one) => one.answer.id), ...field.buses.flatMap((bus) => bus.devices.filter((one) => one.classed === 'power').map((one) => one.id))])].filter((one) => one !== answer.id);
  const meter = h('select', {aria: {label: `${t('meter')}: ${answer.id}`}}, h('option', {value: ''}, t('meter_self')), meters.map((one) => h('option', {value: one}, one)));
  const button = h('button', {type: 'button'}, t('measure'));
  button.addEventListener('click', doing({button, words, busy: t('measuring'), refused: work.refused, work: () => work.act('post', `device/${answer.id}/power`, meter.value ? {meter: meter.value} : {})}));
  const say = found ? h(`p.note${found.passed ? '' : '.bad'}`, `${found.passed ? '✓ ' : '▲ '}${t('measured', {w: quantity(found.measured_w, 'W'), expected: quantity(found.expected_w, 'W'), tolerance: `± ${share(found.tolerance)}`})}`) : null;
  return [h('strong', t('power')), say, h('div.two', meter, button), words];
}
