/** What the gateway does not take of a plan, in this person's language. */

import table from '../words/plan_refusals.js';
import {language} from '../words.js';

/** One of its sentences. */
export function inWords(message) {
  if (language() !== 'vi') return message;
  for (const [pattern, vi] of table) {
    const found = pattern.exec(message);
    if (found) return vi.replace(/\$(\d)/g, (_, n) => found[n] ?? '');
  }
  return message;
}

/** The faults of a 422, ours or of the frame, as `{key, text}`. */
export function faultsOf(error, w) {
  if (error.faults) return error.faults.map(({key, message}) => ({key, text: inWords(message)}));
  if (!Array.isArray(error.detail)) return null;
  return error.detail.map(({loc, msg}) => {
    const key = (loc.at(-1) === 'fade_s' && loc.at(-2) === 'plan' ? ['lighting', 'fade_s'] : loc.slice(loc[1] === 'plan' ? 2 : 1)).map((part, nth) => (typeof part === 'number' ? `[${part}]` : nth ? `.${part}` : part)).join('');
    return {key, text: loc.at(-1) === 'level' || loc.at(-1) === 'fade_s' ? w('number') : msg};
  });
}
