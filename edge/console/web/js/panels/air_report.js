/** The officer's report: which period, and the file. */

import {fill, h} from '../dom.js';
import {saidText} from '../parts/said.js';
import {isoDay, now} from '../units.js';
import {language} from '../words.js';

/** The elements of the form. */
export function reporting(context, station, t) {
  const today = isoDay();
  const date = h('input', {type: 'date', name: 'date', value: isoDay(now() - 86_400_000), max: today});
  const month = h('input', {type: 'month', name: 'month', value: today.slice(0, 7), max: today.slice(0, 7)});
  const period = h('select', {name: 'period'}, h('option', {value: 'day'}, t('a_day')), h('option', {value: 'month'}, t('a_month')));
  const tongue = h('select', {name: 'language'}, h('option', {value: 'vi'}, t('both')), h('option', {value: 'en', selected: language() === 'en'}, t('english')));
  const when = h('span', {class: 'panel-field'});
  const words = h('p', {role: 'status', class: 'panel-said'});
  const turn = () => fill(when, period.value === 'day' ? h('label', {}, t('date'), date) : h('label', {}, t('which_month'), month));
  period.addEventListener('change', turn);
  turn();

  const buttons = ['pdf', 'csv'].map((paper) => h('button', {type: 'submit', name: 'paper', value: paper, class: paper === 'pdf' ? 'primary' : ''}, t(`make_${paper}`)));
  const form = h('form', {class: 'panel-form', onsubmit: async (event) => {
    event.preventDefault();
    const paper = event.submitter?.value ?? 'pdf';
    const chosen = period.value === 'day' ? date.value : month.value;
    if (!chosen) {fill(words, t('choose_day')); return;}
    const asked = new URLSearchParams({station: station.id, period: period.value, date: chosen, paper, language: tongue.value});
    buttons.forEach((one) => {one.disabled = true;});
    fill(words, t('making'));
    try {
      fill(words, t('made', {name: await fetched(`/api/v1/town/air/report?${asked}`)}));
    } catch (error) {
      fill(words, h('span', {class: 'chip bad'}, error.status === 429 ? t('wait') : error.message));
    } finally {
      buttons.forEach((one) => {one.disabled = false;});
    }
  }}, h('label', {}, t('period'), period), when, h('label', {}, t('language'), tongue), h('span', {class: 'panel-buttons'}, buttons));
  return [h('h2', {}, t('report')), h('p', {class: 'soft small'}, t('report_about')), form, words];
}

/** Gets a file and hands it to the browser; gives its name. Throws what the server said. */
async function fetched(path) {
  const answer = await fetch(path, {credentials: 'same-origin'});
  if (!answer.ok) {
    const body = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(typeof body.detail === 'string' ? saidText(body.said, body.detail) : answer.statusText), {status: answer.status});
  }
  const name = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'gianh';
  const place = URL.createObjectURL(await answer.blob());
  const link = h('a', {href: place, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(place), 60_000);
  return name;
}
