/** Commissioning, for a phone at the pole: step by step, kept by the gateway after each, everything reversible. */

import {only, placed} from '../panels/afar.js';
import {devices} from '../commission/devices.js';
import {finish, records} from '../commission/finish.js';
import {notes} from '../commission/notes.js';
import {place} from '../commission/place.js';
import {refusals} from '../commission/refused.js';
import {tests} from '../commission/tests.js';
import {write} from '../commission/write.js';
import {fill, h} from '../dom.js';
import {confirmed} from '../parts/dialog.js';
import {said} from '../parts/panel.js';
import {empty, failure, waiting} from '../parts/wait.js';
import {number, short} from '../units.js';
import table from '../words/commission.js';
import {words} from '../words.js';

const ROOM = '/api/v1/commission';
const STEPS = [['place', place], ['devices', devices], ['write', write], ['tests', tests], ['notes', notes], ['sign', finish]];
const STEP_OF = {place: 'place', device: 'devices', bus: 'devices', write: 'write', test: 'tests', power: 'tests', sign: 'sign'};
const ACT_MS = 90_000;
const t = words(table);

export const page = {path: '/commission', title: () => t('title'), permission: 'commission', mount: placed(mount, only('commission'))};

function mount(root, context) {
  const {api} = context;
  const body = h('div');
  root.append(h('h1', t('title')), body);
  let over = false, view = null, choices = null, field = null, step = context.params.step;

  async function load() {
    fill(body, waiting(t('title')));
    try {
      [view, choices, field] = await Promise.all([api.get(ROOM), api.get(`${ROOM}/choices`), api.get('/api/v1/field')]);
    } catch (error) {
      if (!over) fill(body, error.status === 404 ? empty(t('elsewhere')) : failure(error, load));
      return;
    }
    if (over) return;
    if (!STEPS.some(([name]) => name === step)) step = next();
    draw();
  }

  /** The step that is to be done first. */
  const next = () => STEP_OF[view.todo[0]?.step] ?? 'place';

  /** Ask the gateway for something; its answer is what stands, and is shown. */
  async function act(method, path, said, stay = true) {
    const found = await api[method](`${ROOM}/${path}`, ...(method === 'del' ? [] : [said ?? {}]), {timeout: ACT_MS});
    if (over) return found;
    view = found;
    if (path === 'write' || path === 'undo') field = await api.get('/api/v1/field').catch(() => field);
    if (over) return found;
    if (!stay) step = next();
    draw();
    return found;
  }

  function go(name) {
    step = name;
    draw();
    scrollTo(0, 0);
    body.querySelector('.step-head h2')?.focus();
  }

  function draw() {
    if (over) return;
    context.keep({step});
    const at = STEPS.findIndex(([name]) => name === step);
    const work = {api, act, t, view, choices, field, who: context.who, say: context.say, room: ROOM, refused: refusals(t), go};
    const had = body.contains(document.activeElement);
    const signed = records(work, reopen);
    fill(body, view.id ? null : signed, stepper(at), head(at), h('section.card', STEPS[at][1](work)), foot(at), left(), undo(), done(), view.id ? signed : null);
    if (had) body.querySelector('.step-head h2').focus({preventScroll: true});
  }

  function stepper(at) {
    const open = new Set(view.todo.map((one) => STEP_OF[one.step]));
    return h('ol.steps', {aria: {label: t('title')}}, STEPS.map(([name], index) => {
      const isDone = name !== 'notes' ? !open.has(name) && Boolean(view.id) && reached(name) : view.comments.length + view.photos.length > 0;
      const label = `${index + 1}. ${t(`step_${name}`)}, ${t(isDone ? 'done_step' : 'open_step')}`;
      return h('li', h('button', {type: 'button', title: t(`step_${name}`), data: {state: isDone ? 'done' : 'open'}, aria: {label, current: index === at ? 'step' : null}, onclick: () => go(name)}, isDone ? '✓' : String(index + 1), h('span.step-name', t(`step_${name}`))));
    }));
  }

  /** Whether there is something that a step could have been done for. */
  const reached = (name) => name !== 'tests' || view.devices.length > 0;

  function head(at) {
    const begun = view.done[0];
    return [h('div.step-head', h('h2', {tabindex: '-1'}, t(`step_${STEPS[at][0]}`)), h('span.soft', t('at_step', {n: at + 1, all: STEPS.length}))),
      begun ? h('p.soft.small', t('resumed', {at: short(begun.at), by: begun.by})) : null];
  }

  const foot = (at) => h('nav.steps-foot', {aria: {label: t('title')}},
    h('button', {type: 'button', disabled: at === 0, onclick: () => go(STEPS[at - 1][0])}, t('before')),
    h('button', {type: 'button', disabled: at === STEPS.length - 1, onclick: () => go(STEPS[at + 1][0])}, t('next')));

  function left() {
    if (!view.id) return null;
    const rest = view.todo.filter((one) => one.step !== 'sign');
    if (!rest.length) return h('p.soft', t('todo_none'));
    return h('details.card', h('summary', `${t('todo')} (${number(rest.length)})`), h('ol.done-list', rest.map((one) => h('li', said(one)))));
  }

  function undo() {
    const last = view.done.at(-1);
    if (!last) return null;
    const only = last.step === 'begin';
    const what = only ? '' : `${t(`did_${last.step}`)}${last.about && !['write', 'reload'].includes(last.step) ? ` ${last.about}` : ''}`;
    return h('button.wide.undo', {type: 'button', onclick: async () => {
      const question = only ? 'undo_begin' : ['write', 'reload'].includes(last.step) ? 'undo_write' : null;
      if (question && !(await confirmed(only ? t('undo_all') : t('undo_title', {what}), t(question), only ? t('undo_all') : t('undo', {what})))) return;
      await taken();
    }}, only ? t('undo_all') : t('undo', {what}));
  }

  async function taken() {
    try {
      await act('post', 'undo');
      context.say(t('undone'));
    } catch (error) {
      context.say(refusals(t)(error).text, 'bad');
    }
  }

  async function reopen() {
    if (await confirmed(t('reopen_title'), t('reopen_say'), t('reopen'))) await taken();
  }

  function done() {
    const steps = view.done.filter((one) => one.step !== 'begin');
    if (!steps.length) return null;
    return h('details.card', h('summary', t('done', {n: number(steps.length)})),
      h('ol.done-list', steps.map((one) => h('li', `${t(`did_${one.step}`)} ${one.about} `, h('small.soft', `${short(one.at)} · ${one.by}`)))));
  }

  load();
  return () => { over = true; };
}
