/** What a gateway said, in the language of the reader: the API has its sentences in both; others stay in English. */

import {h} from '../dom.js';
import {short} from '../units.js';
import {language, t} from '../words.js';

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

/** The gateway's word for why a level is as it is: the time of a step, or a sentence. */
export function stepWhy(text = '') {
  const sun = /^(sunset|sunrise)(?:([+-])(.+))?$/.exec(text);
  if (sun) return [t(`why.${sun[1]}`), sun[2] ? ` ${sun[2] === '-' ? '−' : '+'}${sun[3].replace('h', t('why.h')).replace('m', t('why.min')).trim()}` : ''].join('');
  return {'default level': t('why.default'), 'the clock is not set': t('why.clock')}[text] ?? text;
}

/** A sentence with the times that it names as people here read them. */
function told(one) {
  return (one[language()] ?? one.en).replace(TIME, (at) => short(at));
}
