/** What the gateway does not take of a plan, in this person's language, and beside which field it is said. */

import {unfit} from '../api.js';
import {saidText} from '../parts/said.js';

/** The faults of a 422, ours or of the frame, as `{key, text}`. */
export function faultsOf(error, w) {
  if (error.faults) return error.faults.map(({key, message, said}) => ({key, text: saidText(said, message)}));
  if (!Array.isArray(error.detail)) return null;
  return error.detail.map((one) => {
    const {loc} = one;
    const key = (loc.at(-1) === 'fade_s' && loc.at(-2) === 'plan' ? ['lighting', 'fade_s'] : loc.slice(loc[1] === 'plan' ? 2 : 1)).map((part, nth) => (typeof part === 'number' ? `[${part}]` : nth ? `.${part}` : part)).join('');
    return {key, text: loc.at(-1) === 'level' || loc.at(-1) === 'fade_s' ? w('number') : unfit(one)};
  });
}
