/** Alarms: one list, the worst first; somebody says that they have seen one, or silences it for a while. */

import {wantsSomebody} from '../alarm_watch.js';
import {fill, h} from '../dom.js';
import {ask} from '../parts/dialog.js';
import {said} from '../parts/said.js';
import {allow, ring, sounds} from '../parts/sound.js';
import {place} from '../parts/things.js';
import {empty, waiting} from '../parts/wait.js';
import {ago, now, number, short} from '../units.js';
import table from '../words/alarms.js';
import {words} from '../words.js';

const RANK = {alarm: 0, warning: 1, info: 2};
const LOOKS = {alarm: ['bad', '▲'], warning: ['warn', '◆'], info: ['', '●']};
const SPANS = [['h1', 3600], ['h8', 28_800], ['h24', 86_400], ['d7', 604_800]];
const t = words(table);

export const page = {path: '/alarms', title: () => t('title'), permission: 'read', mount};

function mount(root, context) {
  const {live, sight, who} = context;
  let only = context.params.show === 'unseen' ? 'unseen' : 'all';
  const sound = h('div.row'), bar = h('div.panel-bar'), list = h('div', waiting(t('title')));
  root.append(h('h1', t('title')), bar, list, h('section.card.alarm-sound', h('h2', t('sound')), sound));

  const drawSound = () => fill(sound, h('span', {role: 'status'}, t(sounds() ? 'sound_on' : 'sound_off')),
    h('button', {type: 'button', onclick: () => { allow(!sounds()); drawSound(); }}, t(sounds() ? 'turn_off' : 'turn_on')),
    sounds() ? h('button.quiet', {type: 'button', onclick: ring}, t('try_sound')) : null);

  function draw() {
    const all = [...sight.alarms.values()].sort((a, b) => RANK[a.severity] - RANK[b.severity] || String(b.at).localeCompare(String(a.at)));
    const unseen = all.filter((one) => !one.acknowledged);
    const shown = only === 'unseen' ? unseen : all;
    const choose = (key) => () => { only = key; context.keep({show: key === 'all' ? '' : key}); draw(); };
    fill(bar, h('p', {role: 'status'}, t('count', {n: number(all.length), unseen: number(unseen.length)})), h('span.row', {role: 'group', aria: {label: t('show')}},
      ['all', 'unseen'].map((key) => h('button', {type: 'button', aria: {pressed: String(only === key)}, onclick: choose(key)}, t(key)))));
    if (list.contains(document.activeElement) && document.querySelector('dialog[open]')) return;
    fill(list, shown.length ? h('ul.alarm-list', shown.map((one) => card(one, context, draw))) : empty(t('none_stand'), t('none_do')));
  }

  drawSound();
  if (live.state !== 'opening') draw();
  const takeDown = live.onEach({whole: draw, change: (changed) => { if (changed.alarms.size) draw(); }});
  if (sight.seq) draw();
  void who;
  return takeDown;
}

function card(alarm, context, draw) {
  const [kind, mark] = LOOKS[alarm.severity] ?? LOOKS.info;
  const seen = alarm.acknowledged;
  const quiet = alarm.silenced_until && new Date(alarm.silenced_until) > now();
  return h('li.card', {data: {severity: alarm.severity, alarm: alarm.id}},
    h('div.alarm-head', h(`span.chip${kind ? `.${kind}` : ''}`, `${mark} ${t(alarm.severity)}`), h('strong', t(alarm.kind)), deviceOf(alarm, context), context.sight.mode === 'centre' ? h('small.soft', alarm.gateway) : null),
    h('p.alarm-text', said(alarm.said, alarm.text)),
    h('p.small', alarm.at ? `${t('since')} ${short(alarm.at)} (${ago(alarm.at)})` : `${t('since')}: ${t('unset')}`,
      ' · ', seen ? h('span', `✓ ${t('seen')}: ${seen.by}, ${short(seen.at)}`, seen.note ? ` – ${seen.note}` : '') : t('nobody'),
      quiet ? ` · 🔕 ${t('silenced', {until: short(alarm.silenced_until)})}` : ''),
    h('div.row', !context.who.may('acknowledge') ? null : [seen ? null : h('button.primary', {type: 'button', onclick: () => acknowledge(alarm, context)}, t('acknowledge')),
      wantsSomebody(alarm) || seen ? h('button', {type: 'button', onclick: () => silence(alarm, context, draw)}, t('silence')) : null,
      quiet ? h('button', {type: 'button', onclick: () => unsilence(alarm, context, draw)}, t('unsilence')) : null], fieldOf(alarm, context)));
}

/** What it is about, by the name that it has on the map, where it is there, and at which pole. */
function deviceOf(alarm, {sight}) {
  const id = `${alarm.gateway}/${alarm.device}`;
  const thing = sight.things.get(id);
  return thing ? [h('a.alarm-device', {href: `/?thing=${encodeURIComponent(id)}`}, thing.title || alarm.device), h('span.soft', place(thing))] : h('span', alarm.device);
}

/** The way to the device's registers, for who stands at the cabinet. */
function fieldOf(alarm, {sight, who}) {
  if (sight.mode === 'centre' || !who.may('ask') || !sight.things.has(`${alarm.gateway}/${alarm.device}`)) return null;
  return h('a.button', {href: `/field?device=${encodeURIComponent(alarm.device)}`}, t('at_pole'));
}

const placeOf = (alarm) => `/api/v1/town/alarms/${alarm.id.split('/').map(encodeURIComponent).join('/')}`;

async function acknowledge(alarm, context) {
  const note = h('input', {type: 'text', maxlength: 200, placeholder: t('note_hint')});
  const sure = await ask(t('ack_title'), [h('p', h('strong', `${t(alarm.kind)}: ${alarm.device}`)), h('p', t('ack_say')), h('label', h('span', t('note')), note),
    h('p.soft', t('as', {name: context.who.name || context.who.user || '–'}))], [{label: t('cancel'), value: false}, {label: t('acknowledge'), kind: 'primary', value: true}]);
  if (!sure) return;
  try {
    await context.api.post(`${placeOf(alarm)}/acknowledge`, {note: note.value.trim()});
    context.say(t('ack_done'));
  } catch (error) {
    context.say(t('ack_failed', {why: error.message}), 'bad');
  }
}

async function silence(alarm, context, draw) {
  const buttons = [{label: t('cancel'), value: 0}, ...SPANS.map(([key, value]) => ({label: t(key), value}))];
  const forS = await ask(t('silence_title'), [h('p', h('strong', `${t(alarm.kind)}: ${alarm.device}`)), h('p', t('silence_say'))], buttons);
  if (forS) await changed(context, draw, () => context.api.put(`${placeOf(alarm)}/silence`, {for_s: forS}), () => t('silence_done', {until: short(now() + forS * 1000)}));
}

async function unsilence(alarm, context, draw) {
  await changed(context, draw, () => context.api.del(`${placeOf(alarm)}/silence`), () => t('ack_done'));
}

async function changed(context, draw, act, words) {
  try {
    const {columns, rows} = await act();
    for (const row of rows) context.sight.alarms.set(row[columns.indexOf('id')], Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    context.say(words());
    draw();
  } catch (error) {
    context.say(t('ack_failed', {why: error.message}), 'bad');
  }
}
