/** Remarks and photos for the record. */

import {h} from '../dom.js';
import {form} from '../parts/fields.js';
import {number} from '../units.js';

export function notes(work) {
  const {t, view} = work;
  const made = form({
    draft: 'gianh.commission.comment', words: t, refused: work.refused, label: t('comment_save'),
    fields: [{name: 'text', label: t('comment'), hint: t('comment_hint'), kind: 'long', must: true}],
    send: async (values) => { await work.act('post', 'comment', values); },
  });
  const words = h('p.field-say', {role: 'status'});
  const file = h('input', {id: 'photo', type: 'file', accept: 'image/jpeg,image/png', aria: {describedby: 'photo-say'}, onchange: async () => {
    if (!file.files[0]) return;
    words.className = 'field-say';
    words.textContent = t('photo_busy');
    try {
      await work.act('post', 'photo', file.files[0]);
    } catch (error) {
      words.className = 'field-wrong';
      words.textContent = `▲ ${work.refused(error).text}`;
    }
  }});
  return [view.comments.length ? h('ul.kept-list', view.comments.map((one) => h('li', one))) : h('p.soft', t('comments_none')), made.node,
    h('div.field', h('label', {for: 'photo'}, h('span', `${t('photo')} (${t('photos', {n: number(view.photos.length)})})`), h('small.soft', {id: 'photo-say'}, t('photo_say'))), file, words)];
}
