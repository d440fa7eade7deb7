/** Words in the language of this browser; each page brings its own table `{vi: {...}, en: {...}}`. */

import shell from './words/shell.js';

export const LANGUAGES = ['vi', 'en'];

/** `vi` unless the person chose English. */
export function language() {
  return localStorage.getItem('gianh.language') === 'en' ? 'en' : 'vi';
}

/** Choose a language; the shell shows everything anew. */
export function choose(name) {
  localStorage.setItem('gianh.language', name);
}

/** A function that gives a table's words: `t('key', {n: 3})` puts 3 where the text has `{n}`; of one thing, `key.one` if there is one. */
export function words(table) {
  return (key, given = {}) => {
    const single = String(given.n) === '1' ? table[language()]?.[`${key}.one`] : undefined;
    const text = single ?? table[language()]?.[key] ?? table.vi[key] ?? shell[language()][key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in given ? String(given[name]) : whole));
  };
}

/** The shell's words, which every page may use. */
export const t = words(shell);

/** The label of a value in this language, as the API gives both. */
export function label(value) {
  return language() === 'vi' ? value.label_vi : value.label_en;
}
