/** Beside which field a fault is said: each field has a key such as `program[0].steps[2].at`. */

import {fill, h} from '../dom.js';

export class Slots {
  constructor() {
    this.known = new Map();
  }

  /** Forget all fields: they are drawn anew. */
  clear() {
    this.known.clear();
  }

  /** A field with its label and a place for what is wrong with it. */
  field(key, label, input) {
    const {node, wrong} = this.apart(key, label, input);
    node.append(wrong);
    return node;
  }

  /** The same where what is wrong is said elsewhere: `{node, wrong}`; `long` is what a reader hears for the label. */
  apart(key, label, input, long = null) {
    const wrong = h('p.field-wrong', {id: `wrong-${key}`, role: 'alert'});
    input.setAttribute('aria-describedby', wrong.id);
    input.dataset.key = key;
    if (long) input.setAttribute('aria-label', long);
    this.known.set(key, {input, wrong});
    return {node: h('div.plan-field', h('label', h('span', label), input)), wrong};
  }

  /** A place for what is wrong with something that is no single field. */
  spot(key) {
    const wrong = h('p.field-wrong', {id: `wrong-${key}`, role: 'alert'});
    this.known.set(key, {input: null, wrong});
    return wrong;
  }

  /** Say these `{key, text}` beside their fields, or beside what is nearest around; gives those that have no place. */
  say(faults) {
    const texts = new Map();
    const homeless = faults.filter(({key, text}) => {
      let at = key;
      while (at && !this.known.has(at)) at = at.replace(/(\.[^.[\]]+|\[\d+\])$/, (part) => (part === at ? at : ''));
      if (!this.known.has(at)) return true;
      texts.set(at, [...(texts.get(at) || []), text]);
      return false;
    });
    for (const [key, {input, wrong}] of this.known) {
      const said = texts.get(key);
      const text = said ? `▲ ${said.join(' ')}` : '';
      if (wrong.textContent !== text) fill(wrong, text || null);
      if (said) input?.setAttribute('aria-invalid', 'true');
      else input?.removeAttribute('aria-invalid');
    }
    return homeless;
  }
}
