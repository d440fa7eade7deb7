/** What the gateway did not take, in this person's language, and beside which field it is said. */

import {language} from '../words.js';
import table from '../words/refusals.js';

/** Gives `refused(error)`: `{field, text}`; the field is empty where the whole is meant. */
export function refusals(t) {
  return (error) => {
    if (Array.isArray(error.detail)) {
      const [first] = error.detail;
      const field = String(first?.loc?.at(-1) ?? '');
      return {field, text: t('server_says', {why: first?.msg ?? error.message})};
    }
    for (const [pattern, field, vi] of table) {
      const found = pattern.exec(error.message);
      if (found) return {field, text: language() === 'vi' ? vi.replace(/\$(\d)/g, (_, n) => (found[n] ?? '').replace(/^(\d+)\.(\d+)$/, '$1,$2')) : error.message};
    }
    return {field: '', text: t(error.status === 409 ? 'server_says' : 'failed', {why: error.message})};
  };
}

/** A button that does something which takes its time: says so meanwhile, and what became of it. */
export function doing({button, words, busy, work, refused}) {
  return async () => {
    button.disabled = true;
    words.textContent = busy;
    words.className = 'small';
    try {
      await work();
      words.textContent = '';
    } catch (error) {
      words.className = 'note bad';
      words.textContent = refused(error).text;
    }
    button.disabled = false;
  };
}
