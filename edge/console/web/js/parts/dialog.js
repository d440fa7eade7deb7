/** A dialog over the page: the browser's own, which keeps the focus inside and gives it back. */

import {h} from '../dom.js';
import {t} from '../words.js';

let count = 0;

/** Show a dialog; `buttons` are `{label, kind, value}`. Gives the value of the button, null when it was closed. */
export function ask(title, content, buttons) {
  return new Promise((resolve) => {
    const id = `dialog-${++count}`;
    const close = (value) => { dialog.returnValue = ''; resolve(value); dialog.close(); };
    const dialog = h('dialog', {aria: {labelledby: id}},
      h('h2', {id}, title), h('div.dialog-body', content),
      h('div.actions', buttons.map(({label, kind = '', value}) =>
        h(`button${kind ? `.${kind}` : ''}`, {type: 'button', onclick: () => close(value)}, label))));
    dialog.addEventListener('close', () => { resolve(null); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A question that is answered by yes or no. */
export async function confirmed(title, content, yes = t('confirm'), kind = 'primary') {
  return Boolean(await ask(title, content, [{label: t('cancel'), value: false}, {label: yes, kind, value: true}]));
}
