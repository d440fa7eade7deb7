/** The devices: line, address, model as it is recognised, pole, circuit, power on the plate. */

import {fill, h} from '../dom.js';
import {confirmed} from '../parts/dialog.js';
import {form} from '../parts/fields.js';
import {said, share} from '../parts/panel.js';
import {quantity} from '../units.js';
import {line} from './line.js';

const IDENTIFY_MS = 70_000;
const NEW_LINE = '+';
const FIELDS = ['id', 'profile', 'bus', 'address', 'title', 'pole', 'circuit', 'street', 'expected_w'];

export function devices(work) {
  const {t, view} = work;
  const desk = h('div');
  const list = view.devices.length
    ? h('ul.kept-list', view.devices.map(({answer}) => h('li', h('div', h('strong', answer.id), ' ', h('span.soft', `${modelOf(work, answer.profile)} · ${t('device_where', answer)}${answer.pole ? ` · ${t('pole')} ${answer.pole}` : ''}`)),
      h('div.two', h('button', {type: 'button', aria: {label: `${t('device_change')} ${answer.id}`}, onclick: () => fill(desk, ask(work, answer, desk))}, t('device_change')),
        h('button', {type: 'button', aria: {label: `${t('device_remove')} ${answer.id}`}, onclick: () => remove(work, answer.id)}, t('device_remove'))))))
    : h('p.soft', t('device_none'));
  fill(desk, ask(work, null, desk));
  return [list, desk];
}

async function remove(work, device) {
  const {t} = work;
  if (!(await confirmed(t('device_remove_title', {device}), t('device_remove_say'), t('device_remove'), 'danger'))) return;
  await work.act('del', `device/${device}`).catch((error) => work.say(work.refused(error).text, 'bad'));
}

const modelOf = (work, id) => said(work.choices.models.find((one) => one.id === id)) || id;

/** The form of one device: a new one, or what was answered. */
function ask(work, was, desk) {
  const {t, view, choices, field} = work;
  const lines = [...new Set([...field.buses.map((one) => one.id), ...view.buses.map((one) => one.id)])];
  const draft = `gianh.commission.device${was ? `.${was.id}` : ''}`;
  let recognised = was ? {profile: was.profile, score: was.score, evidence: was.evidence} : {};
  const offer = h('div', {role: 'status'}), lineDesk = h('div');
  const button = h('button.wide', {type: 'button', onclick: () => identify()}, t('identify'));
  const made = form({
    draft, words: t, refused: work.refused, label: t('device_save'),
    fields: [
      {name: 'id', label: t('device_id'), hint: t('device_id_hint'), kind: 'id', must: true, value: was?.id},
      {name: 'bus', label: t('bus'), kind: 'choice', must: true, options: [...lines.map((one) => [one, lineText(field, one)]), [NEW_LINE, t('bus_new')]], value: was?.bus ?? lines[0]},
      {name: 'address', label: t('address'), kind: 'number', must: true, min: 1, max: 247, value: was?.address ?? ''},
      {name: 'profile', label: t('profile'), kind: 'choice', must: true, options: [['', t('profile_none')], ...choices.models.map((one) => [one.id, `${said(one)} (${one.id})`])], value: was?.profile},
      {name: 'pole', label: t('pole'), value: was?.pole},
      {name: 'circuit', label: t('circuit'), value: was?.circuit},
      {name: 'street', label: t('street'), value: was?.street},
      {name: 'title', label: t('device_title'), value: was?.title},
      {name: 'expected_w', label: t('expected_w'), hint: t('expected_hint'), kind: 'number', min: 0.1, max: 100_000, value: was?.expected_w},
    ],
    more: {bus: lineDesk, address: h('div', button, offer)},
    send: async (values) => {
      const more = recognised.profile === values.profile && recognised.score !== undefined ? {score: recognised.score, evidence: recognised.evidence} : {};
      const place = was?.latitude != null ? {latitude: was.latitude, longitude: was.longitude} : {};
      await work.act('put', 'device', {...values, ...more, ...place});
    },
  });
  const chosen = () => {
    const fresh = made.input('bus').value === NEW_LINE;
    fill(lineDesk, fresh ? line(work) : null);
    lineDesk.className = fresh ? 'card' : '';
  };
  made.input('bus').addEventListener('change', chosen);
  chosen();

  async function identify() {
    const {bus, address} = made.values();
    if (!bus || bus === NEW_LINE || !Number.isInteger(address)) { fill(offer, h('p.note.warn', t('identify_first'))); return; }
    button.disabled = true;
    fill(offer, h('p', t('identify_busy', {address})));
    try {
      show(await work.api.post(`${work.room}/identify/${bus}/${address}`, {}, {timeout: IDENTIFY_MS}));
    } catch (error) {
      fill(offer);
      const refusal = work.refused(error);
      made.wrong(refusal.field || 'profile', refusal.text);
    }
    button.disabled = false;
  }

  function show(found) {
    if (!found.candidates.length) { fill(offer, h('p.note.warn', t('identify_nothing'))); return; }
    fill(offer, h('p.small', t(found.sure ? 'identify_sure' : 'identify_maybe')), h('div.candidates', found.candidates.map((one) => h('button', {type: 'button', aria: {pressed: 'false'}, data: {profile: one.profile}, onclick: () => take(one)},
      h('strong', modelOf(work, one.profile)), ` · ${t('fits', {share: share(one.score)})}`,
      h('small', one.values.slice(0, 3).map(([name, value]) => `${name} ${quantity(value)}`).join(' · ')), h('small', one.evidence[0] ?? '')))));
    if (found.sure) take(found.candidates[0]);
  }

  function take(one) {
    recognised = {profile: one.profile, score: one.score, evidence: one.evidence.join('; ').slice(0, 500)};
    made.input('profile').value = one.profile;
    made.wrong('profile', '');
    made.keep();
    for (const button of offer.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.profile === one.profile));
  }

  return [h('h3', was ? t('device_edit', {device: was.id}) : t('device_add')),
    was ? h('p', h('button', {type: 'button', onclick: () => fill(desk, ask(work, null, desk))}, t('device_new'))) : known(work, made), made.node];
}

/** Devices that the gateway has already: one tap fills in what it knows. */
function known(work, made) {
  const {t, view, choices, field} = work;
  const answered = new Set(view.devices.map((one) => one.answer.id));
  const rest = field.buses.flatMap((bus) => bus.devices.map((one) => ({...one, bus: bus.id}))).filter((one) => one.address && !answered.has(one.id));
  if (!rest.length) return null;
  const choose = h('select', {onchange: () => {
    const one = rest.find((each) => each.id === choose.value);
    if (!one) return;
    const profile = choices.models.find((each) => each.vi === one.model.vi)?.id ?? '';
    const values = {id: one.id, bus: one.bus, address: one.address.split(' ')[0], profile, title: one.title, pole: one.pole ?? '', street: one.street ?? ''};
    for (const name of FIELDS) {
      if (!(name in values)) continue;
      made.input(name).value = values[name];
      made.wrong(name, '');
    }
    made.keep();
  }}, h('option', {value: ''}, '…'), rest.map((one) => h('option', {value: one.id}, [one.id, one.pole, one.title].filter(Boolean).join(' · '))));
  return h('div.field', h('label', h('span', t('existing')), choose));
}

function lineText(field, id) {
  const bus = field.buses.find((one) => one.id === id);
  return bus ? `${id} · ${bus.line}` : id;
}
