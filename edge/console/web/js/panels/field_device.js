/** One device at the pole: its registers, blinking, calibration, and that it was serviced. */

import {saidText} from '../parts/said.js';
import {fill, h} from '../dom.js';
import {said} from '../parts/panel.js';
import {clock, quantity, short, span} from '../units.js';

const AGAIN_MS = 2_000;
const ASK_MS = 65_000;
const CALIBRATE_S = 3_600;

/** Gives `{id, node, update(one), end()}`; `changed` is called when the gateway has something new to say. */
export function device(context, one, t, changed) {
  const about = h('p.soft.small'), service = h('div'), calibration = h('div');
  const looking = registers(context, one, t);
  const silent = h('p.note.warn', t('silent_do'));
  const node = h('div.device-body', about, silent, looking.node, blink(context, one, t), calibration, service);
  const state = {};
  const update = (now) => {
    fill(about, [said(now.model), now.address ? t('address', {n: now.address}) : '', t('every', {span: span(now.interval_s)})].filter(Boolean).join(' · '));
    silent.hidden = now.online !== false || !now.registers;
    // What somebody types is not taken from under their fingers: only what changed is drawn anew.
    const [serviced, calibrating] = [JSON.stringify(now.serviced), String(now.calibrating)];
    if (state.serviced !== serviced) fill(service, servicing(context, now, t, changed));
    if (state.calibrating !== calibrating) fill(calibration, calibrate(context, now, t, changed));
    Object.assign(state, {serviced, calibrating});
  };
  update(one);
  return {id: one.id, node, update, end: looking.end};
}

function registers(context, one, t) {
  const out = h('div.registers', {aria: {live: 'off'}}), words = h('p.small', {role: 'status'});
  let going = false, timer = null, over = false;
  const end = () => { going = false; over = true; clearTimeout(timer); };
  const read = async () => {
    fill(words, t('reading'));
    try {
      const found = await context.api.post(`/api/v1/field/${one.id}/registers`, {}, {timeout: ASK_MS});
      if (over) return;
      fill(words, found.state === 'verified' ? t('read_at', {at: clock(found.at, true)}) : h('span.note.bad', `▲ ${t('refused', {why: saidText(found.said, found.reason)})}`));
      if (found.state === 'verified') fill(out, found.blocks.map((block) => shown(block, found.points, t)));
    } catch (error) {
      if (over) return;
      fill(words, h('span.note.bad', `▲ ${t('refused', {why: error.message})}`));
      if (error.status !== 429) going = false;
    }
    draw();
    if (going && !over) timer = setTimeout(read, AGAIN_MS);
  };
  const buttons = h('div.row');
  const draw = () => fill(buttons, going
    ? h('button', {type: 'button', onclick: () => { going = false; clearTimeout(timer); draw(); }}, t('stop'))
    : [h('button.primary', {type: 'button', onclick: read}, t('once')), h('button', {type: 'button', onclick: () => { going = true; draw(); read(); }}, t('live'))]);
  draw();
  const body = !one.registers ? h('p', t('no_registers')) : context.who.may('ask') ? [buttons, words, out] : h('p.soft', t('may_not'));
  return {node: h('section', h('h3', t('registers')), body), end};
}

function shown(block, points, t) {
  if (block.trouble) return h('p.note.bad', `${t(block.table)} ${block.address}: ${saidText(block.said, block.trouble)}`);
  const named = (at) => points.filter((point) => point.table === block.table && point.address === at);
  const covered = (at) => points.some((point) => point.table === block.table && point.address < at && at < point.address + point.count);
  const rows = block.words.map((word, index) => {
    const at = block.address + index;
    const here = named(at);
    const bits = block.table === 'coil' || block.table === 'discrete';
    return h('tr', h('th', {scope: 'row'}, String(at)), h('td', bits ? '' : word.toString(16).padStart(4, '0')), h('td.end', String(word)),
      h('td', here.length ? here.map((point) => h('div', `${said(point.label)} `, h('small.soft', point.kind), h('strong', ` ${quantity(point.value, point.unit)}`))) : covered(at) ? '″' : ''));
  });
  return h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: `${t('registers')} ${block.table}`}}, h('table.register-table',
    h('caption', `${t(block.table)} ${block.address}–${block.address + block.count - 1}`),
    h('thead', h('tr', ['register', 'hex', 'decimal', 'value'].map((key) => h('th', {scope: 'col'}, t(key))))), h('tbody', rows)));
}

function blink(context, one, t) {
  const words = h('p.small', {role: 'status'});
  const button = h('button.primary', {type: 'button', onclick: async () => {
    button.disabled = true;
    fill(words, t('blinking'));
    try {
      const found = await context.api.post(`/api/v1/field/${one.id}/identify`, {}, {timeout: ASK_MS});
      const [key, kind] = {verified: ['blink_done', 'good'], unknown: ['blink_unknown', 'warn']}[found.state] ?? ['blink_failed', 'bad'];
      fill(words, h(`span.note.${kind}`, t(key, {why: saidText(found.said, found.reason)})));
    } catch (error) {
      fill(words, h('span.note.bad', t('blink_failed', {why: error.message})));
    }
    button.disabled = false;
  }}, t('blink'));
  const body = !one.blinks ? h('p.soft', t('cannot_blink')) : context.who.may('light') ? [button, words] : h('p.soft', t('may_not'));
  return h('section', h('h3', t('blink')), body);
}

function calibrate(context, one, t, changed) {
  if (!one.calibrates) return one.classed === 'air' ? h('p.soft', t('cannot_calibrate')) : null;
  const place = `/api/v1/air/${one.station}/calibration`;
  const act = async (work, key) => {
    try {
      const found = await work();
      if (found.state === 'verified') context.say(t(key, {station: one.station}));
      else context.say(t('failed', {why: saidText(found.said, found.reason)}), 'bad');
      changed();
    } catch (error) {
      context.say(t('failed', {why: error.message}), 'bad');
    }
  };
  const button = one.calibrating
    ? h('button', {type: 'button', onclick: () => act(() => context.api.del(place), 'calibrate_over')}, t('calibrate_end'))
    : h('button', {type: 'button', onclick: () => act(() => context.api.post(`${place}?for_s=${CALIBRATE_S}`), 'calibrate_done')}, t('calibrate'));
  return h('section', h('h3', t('calibration')), one.calibrating ? h('p.note.warn', t('calibrating')) : null, context.who.may('calibrate') ? button : h('p.soft', t('may_not')));
}

function servicing(context, one, t, changed) {
  const last = one.serviced;
  const note = h('input', {type: 'text', maxlength: 200, required: true, placeholder: t('service_hint'), id: `note-${one.id}`});
  const words = h('p.small', {role: 'status'});
  const form = h('form.row', {onsubmit: async (event) => {
    event.preventDefault();
    if (!note.value.trim()) { fill(words, t('service_empty')); return; }
    try {
      const found = await context.api.post(`/api/v1/field/${one.id}/serviced?note=${encodeURIComponent(note.value.trim())}`);
      if (found.state !== 'verified') throw new Error(saidText(found.said, found.reason));
      context.say(t('service_done'));
      changed();
    } catch (error) {
      fill(words, h('span.note.bad', t('failed', {why: error.message})));
    }
  }}, h('label.grow', h('span', t('service_note')), note), h('button.primary', {type: 'submit'}, t('serviced')));
  return h('section', h('h3', t('service')), h('p', last ? t('service_last', {at: last.at ? short(last.at) : t('no_clock'), by: last.by, note: last.note}) : t('service_never')),
    context.who.may('service') ? [form, words] : null);
}
