/** The signature, and what a signed record is downloaded as. */

import {h} from '../dom.js';
import {form} from '../parts/fields.js';
import {said} from '../parts/panel.js';

const FILES = [['record.pdf', 'record_pdf', '.primary'], ['labels.pdf', 'record_labels', ''], ['record.json', 'record_json', '']];

export function finish(work) {
  const {t, view} = work;
  if (!view.place || !view.devices.length) return h('p.note.warn', t('sign_first'));
  const rest = view.todo.filter((one) => one.step !== 'sign');
  const made = form({
    words: t, refused: work.refused, label: t('sign'), draft: 'gianh.commission.sign',
    fields: [
      {name: 'name', label: t('sign_name'), must: true, value: work.who.name},
      {name: 'exceptions', label: t('exceptions'), hint: t('exceptions_hint'), kind: 'long', plain: true, hidden: !rest.length},
    ],
    send: async (values) => {
      await work.act('post', 'sign', values, false);
      work.say(t('signed'));
      scrollTo(0, 0);
    },
  });
  return [rest.length ? h('div.note.warn', h('p', t('todo')), h('ul', rest.map((one) => h('li', said(one))))) : h('p.note', t('todo_none')), made.node];
}

/** The signed records, newest first. */
export function records(work, reopen) {
  const {t, view, room} = work;
  if (!view.records.length) return null;
  const files = (id) => h('li', h('strong', id), FILES.map(([name, key, kind]) => h(`a.button${kind}`, {href: `${room}/records/${id}/${name}`, download: `${id}-${name}`}, t(key))));
  const [newest, ...older] = view.records.toReversed();
  return h('section.card', {data: {part: 'records'}}, h('h2', t('records')), h('ul.kept-list', files(newest)),
    older.length ? h('details', h('summary', t('records_older', {n: older.length})), h('ul.kept-list', older.map(files))) : null,
    view.id ? null : h('button', {type: 'button', onclick: reopen}, t('reopen')));
}
