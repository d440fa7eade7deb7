/** The cabinet's name and place, by the phone's own position where it is allowed. */

import {fill, h} from '../dom.js';
import {form} from '../parts/fields.js';
import {language} from '../words.js';
import {number} from '../units.js';

const PATIENCE_MS = 20_000;
const ROUGH_M = 30;
const TROUBLE = {1: 'here_denied', 2: 'here_none', 3: 'here_late'};

export function place(work) {
  const {t, view, choices} = work;
  const was = view.place?.answer;
  let found = was?.found ?? 'typed';
  const words = h('p.field-say', {role: 'status'});
  const button = h('button.wide', {type: 'button', onclick: () => here()}, t('here'));
  const made = form({
    draft: 'gianh.commission.place', words: t, refused: work.refused, label: t('place_save'),
    fields: [
      {name: 'title', label: t('place_title'), hint: t('place_title_hint'), must: true, value: was?.title},
      {name: 'latitude', label: t('latitude'), hint: t('latitude_hint'), kind: 'number', must: true, min: -90, max: 90, value: was?.latitude},
      {name: 'longitude', label: t('longitude'), hint: t('longitude_hint'), kind: 'number', must: true, min: -180, max: 180, value: was?.longitude},
      {name: 'commune', label: t('commune'), kind: 'choice', options: [['', t('nearest')], ...choices.communes.map((one) => [one.id, one.name])], value: was?.commune ?? ''},
      {name: 'site', label: t('site'), hint: t('site_hint'), kind: 'id', value: was?.site},
      {name: 'sure', label: t('sure'), kind: 'check', hidden: !was?.sure, value: was?.sure},
    ],
    more: {title: h('div', button, words)},
    send: async (values) => { await work.act('put', 'place', {...values, found}, false); },
  });
  for (const name of ['latitude', 'longitude']) made.input(name).addEventListener('input', () => { found = 'typed'; });

  function here() {
    const tell = (key, kind, given) => fill(words, h(`span.note.${kind}`, t(key, given)));
    if (!isSecureContext || !navigator.geolocation) { tell('here_insecure', 'warn'); return; }
    button.disabled = true;
    fill(words, t('here_busy'));
    navigator.geolocation.getCurrentPosition(({coords}) => {
      for (const name of ['latitude', 'longitude']) {
        const text = coords[name].toFixed(6);
        made.input(name).value = language() === 'vi' ? text.replace('.', ',') : text;
        made.wrong(name, '');
      }
      found = 'phone';
      made.keep();
      button.disabled = false;
      const rough = coords.accuracy > ROUGH_M;
      tell(rough ? 'here_rough' : 'here_done', rough ? 'warn' : 'good', {m: number(coords.accuracy)});
    }, (error) => {
      button.disabled = false;
      tell(TROUBLE[error.code] ?? 'here_none', 'warn');
    }, {enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0});
  }

  const commune = choices.communes.find((one) => one.id === view.place?.commune)?.name;
  const now = was ? h('p.note', t('place_now', {title: was.title, commune, km: number(view.place.distance_km, 1)})) : null;
  return [now, made.node];
}
