/** What the gateway did not take, in this person's language, and beside which field it is said. */

import {unfit} from '../api.js';

/** Beside which field a refusal is said, by its code. */
const FIELDS = {
  far_from_commune: 'sure', no_commune: 'commune', line_not_written: 'bus', line_no_modbus: 'profile', unit_silent: 'address', no_answer: 'address', behind_gateway: 'address',
  not_identified: 'profile', no_profile: 'profile', no_profile_known: 'profile', not_to_be_signed: 'exceptions',
  photo_too_big: 'photo', photo_too_large: 'photo', photo_kind: 'photo', photo_damaged: 'photo', photo_before_place: 'photo',
};

/** Gives `refused(error)`: `{field, text}`; the field is empty where the whole is meant. */
export function refusals(t) {
  return (error) => {
    if (Array.isArray(error.detail)) {
      const [first] = error.detail;
      const field = String(first?.loc?.at(-1) ?? '');
      return {field, text: t('server_says', {why: first ? unfit(first) : error.message})};
    }
    if (error.code) return {field: FIELDS[error.code] ?? '', text: error.message};
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
