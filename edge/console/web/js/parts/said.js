/** What a gateway said, in the language of the reader: the API has its sentences in both; others stay in English. */

import {h} from '../dom.js';
import {short} from '../units.js';
import {language} from '../words.js';

const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** As text: `sentences` as the API has them, `text` where there are none. */
export function saidText(sentences, text = '') {
  if (!sentences?.length) return text;
  return sentences.map(told).join('; ');
}

/** As elements, in which what is in no table is marked as English for who hears it. */
export function said(sentences, text = '') {
  const all = sentences?.length ? sentences : text ? [{code: '', en: text, vi: text}] : [];
  return all.map((one, index) => [index ? '; ' : null, one.code ? told(one) : h('span', {lang: 'en'}, told(one))]);
}

/** A sentence with the times that it names as people here read them. */
function told(one) {
  return (one[language()] ?? one.en).replace(TIME, (at) => short(at));
}
