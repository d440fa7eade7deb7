/** Audit: who did what, with filters, and whether the log is whole. */

import {heard, placed} from '../panels/afar.js';
import {fill, h} from '../dom.js';
import {said as noted, saidText} from '../parts/said.js';
import {empty, failure, waiting} from '../parts/wait.js';
import {isoDay, moment, number, percent, span} from '../units.js';
import table from '../words/audit.js';
import {language, words} from '../words.js';

const KINDS = ['command', 'outcome', 'refused', 'act', 'access', 'alarm', 'members', 'plan', 'plan_changed', 'expired', 'failure', 'recovered', 'feeder', 'night', 'started', 'cut'];
const SHORT = 12;
const t = words(table);

export const page = {path: '/audit', title: () => t('title'), permission: 'audit', mount: placed(mount, heard)};

function mount(root, context) {
  const {params, api} = context;
  const made = {
    by: h('input', {type: 'text', maxlength: 64, value: params.by ?? '', autocapitalize: 'none'}),
    kind: h('select', h('option', {value: ''}, t('all')), KINDS.map((one) => h('option', {value: one, selected: params.kind === one}, t(one)))),
    target: h('input', {type: 'text', maxlength: 64, value: params.target ?? '', autocapitalize: 'none'}),
    since: h('input', {type: 'date', value: params.since ?? '', max: isoDay()}),
    until: h('input', {type: 'date', value: params.until ?? '', max: isoDay()}),
  };
  const people = h('input', {type: 'checkbox', checked: params.people !== 'no'});
  const list = h('div'), verdict = h('div', {role: 'status'});
  let turn = 0;

  const asked = () => Object.fromEntries(Object.entries(made).map(([key, field]) => [key, field.value.trim()]));
  const question = (before) => {
    const {since, until, ...rest} = asked();
    const given = {...rest, people: String(people.checked), limit: 100};
    // Days are of the town's zone, which keeps +07:00 all year; the last day is meant whole.
    if (since) given.since = `${since}T00:00:00+07:00`;
    if (until) given.until = new Date(new Date(`${until}T00:00:00+07:00`).getTime() + 86_400_000).toISOString();
    if (before) given.before = before;
    return new URLSearchParams(given);
  };

  async function look() {
    const mine = ++turn;
    context.keep({...asked(), people: people.checked ? '' : 'no'});
    fill(list, waiting(t('title')));
    const body = h('tbody'), foot = h('div.paging');
    const grid = h('div.table-scroll.card', {tabindex: '0', role: 'region', aria: {label: t('title')}}, h('table.audit', h('caption.hidden', t('title')),
      h('thead', h('tr', ['when', 'who', 'did', 'target', 'result'].map((key) => h('th', {scope: 'col'}, t(key))))), body));
    const more = async (before) => {
      const found = await api.get(`/api/v1/audit/entries?${question(before)}`);
      if (mine !== turn) return;
      body.append(...found.entries.map(line));
      fill(foot, found.before === null ? h('p.soft', body.childElementCount ? t('end') : '') : [h('span.soft', t('searched', {n: number(found.before)})),
        h('button', {type: 'button', onclick: () => more(found.before).catch((error) => fill(foot, failure(error, () => more(found.before))))}, t('older'))]);
      fill(list, body.childElementCount ? [grid, foot] : [empty(t('nothing'), t('nothing_do')), foot]);
    };
    await more(null).catch((error) => { if (mine === turn) fill(list, failure(error, look)); });
  }

  async function verify(button) {
    button.disabled = true;
    fill(verdict, h('p', t('verifying')));
    try {
      const found = await api.get('/api/v1/audit/verified', {timeout: 65_000});
      const head = `${found.head.slice(0, found.head.indexOf(':') + 1 + SHORT)}…`;
      fill(verdict, found.ok ? h('p.note', `✓ ${t('whole', {n: number(found.entries), head})}`) : h('p.note.bad', {role: 'alert'}, `▲ ${t('broken', {n: number(found.entries), why: saidText(found.said, found.broken)})}`));
    } catch (error) {
      fill(verdict, failure(error, () => verify(button)));
    }
    button.disabled = false;
  }

  const form = h('form.row.card', {onsubmit: (event) => { event.preventDefault(); look(); }},
    Object.entries(made).map(([key, field]) => h('label', h('span', t(key)), field)), h('label.check', people, ' ', t('people')), h('button.primary', {type: 'submit'}, t('filter')));
  root.append(h('h1', t('title')), h('p.soft', t('about')),
    h('div.row', h('button', {type: 'button', onclick: (event) => verify(event.currentTarget)}, t('verify'))), verdict, form, list);
  look();
  return () => { turn += 1; };
}

/** A word of the log in this language, as far as there is one. */
function word(text) {
  if (!text) return '';
  return table[language()][`word_${text}`] ?? text.replaceAll('_', ' ');
}

function line(entry) {
  const {words: said} = entry;
  const via = entry.source ? t(`via_${entry.source}`) : '';
  const did = [word(said.verb), word(said.did), word(said.said), said.level !== undefined ? percent(said.level) : '', said.for_s ? span(said.for_s) : ''].filter(Boolean).join(', ');
  const told = (name) => (said[name] ? noted(entry.said[name], said[name]) : null);
  const notes = [word(said.state), said.note, told('what'), told('why'), told('reason'), word(said.role), said.from ? t('from', {address: said.from}) : ''].filter(Boolean);
  return h('tr', h('th.name', {scope: 'row'}, entry.at ? moment(entry.at, true) : t('unset'), h('small.soft', ` #${entry.number}`)),
    h('td', entry.by || h('span.soft', t('itself')), via ? h('small.soft', ` ${via}`) : null),
    h('td', did || t(entry.kind), did ? h('small.soft', ` ${t(entry.kind)}`) : null),
    h('td', said.target ?? said.user ?? '', said.lamps > 1 ? h('small.soft', ` ${t('lamps', {n: number(said.lamps)})}`) : null),
    h('td.small', notes.map((one, nth) => [nth ? ' · ' : '', one])));
}
