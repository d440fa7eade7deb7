/** What stands where data is not there: waiting, nothing found, failed. None of them turns for ever. */

import {h} from '../dom.js';
import {t} from '../words.js';

const LONG_MS = 10_000;

/** Says what is waited for and, after 10 s, what to do. */
export function waiting(what) {
  const advice = h('p.advice');
  const node = h('div.waiting', {role: 'status'}, h('p', t('wait', {what})), advice);
  setTimeout(() => { if (node.isConnected) advice.textContent = t('wait.long'); }, LONG_MS);
  return node;
}

/** Nothing is there; `advice` says what to do. */
export function empty(text = t('none'), advice = null, ...more) {
  return h('div.empty', h('p', text), advice ? h('p.advice', advice) : null, more);
}

/** It failed; `again` is what the button does. */
export function failure(error, again = null) {
  return h('div.failure', {role: 'alert'}, h('p', h('strong', t('failed')), '. ', began(error.message || String(error))),
    again ? h('button', {type: 'button', onclick: again}, t('retry')) : null);
}

/** A sentence from its beginning. */
function began(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Show in `root` what `work` makes of what `ask` brings; waiting and failure meanwhile. Gives what repeats it. */
export function loaded(root, what, ask, work) {
  let turn = 0;
  const run = async () => {
    const mine = ++turn;
    if (!root.childElementCount || root.querySelector(':scope > .failure')) root.replaceChildren(waiting(what));
    try {
      const found = await ask();
      if (mine === turn) root.replaceChildren(...[work(found)].flat().filter(Boolean));
    } catch (error) {
      if (mine === turn) root.replaceChildren(failure(error, run));
    }
  };
  run();
  return run;
}
