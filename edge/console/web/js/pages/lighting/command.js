/** Choose lamps, say level, fade and end, and follow what becomes of it. */

import {fill, h} from '../../dom.js';
import {percent, span} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/lighting.js';
import {failure} from '../../parts/wait.js';
import {Chooser} from './chooser.js';
import {Outcomes} from './outcomes.js';

const w = words(table);
const FADES_S = [0, 3, 10, 30, 60];
const ENDS = ['3600', '7200', '14400', 'night', 'forever'];
const QUICK = [0, 25, 50, 75, 100];
const TARGETS_AT_ONCE = 500;

export class CommandTab {
  constructor(root, context) {
    Object.assign(this, context);
    this.chooser = new Chooser(context, () => this.changed());
    this.outcomes = new Outcomes(context);
    this.ends = () => { this.chooser.takeDown(); this.outcomes.takeDown(); };
    root.append(h('div.command', h('section.card.choose', {aria: {label: w('choose')}}, h('h2', w('choose')), this.chooser.node),
      h('div.side', h('section.card', {aria: {label: w('level')}}, h('h2', w('level')), this.form()), h('section.card', {aria: {label: w('outcome')}}, h('h2', w('outcome')), this.outcomes.node))));
    this.changed();
  }

  form() {
    this.slider = h('input', {type: 'range', min: 0, max: 100, step: 1, value: 60, aria: {label: w('level.value')}, oninput: () => this.level(this.slider.value)});
    this.number = h('input.level-number', {type: 'number', min: 0, max: 100, step: 1, value: 60, aria: {label: w('level.value')}, onchange: () => this.level(this.number.value)});
    const quick = h('div.quick', QUICK.map((one) => h('button', {type: 'button', onclick: () => this.level(one)}, percent(one))));
    this.fade = h('select', FADES_S.map((one) => h('option', {value: one}, one ? span(one) : w('fade.0'))));
    this.until = h('select', ENDS.map((one) => h('option', {value: one, selected: one === 'night'}, w(`until.${one}`))));
    this.emergency = h('input', {type: 'checkbox'});
    this.setButton = h('button.primary', {type: 'button', onclick: () => this.send({level: Number(this.slider.value)})});
    this.releaseButton = h('button', {type: 'button', onclick: () => this.send({release: true})}, w('release'));
    this.trouble = h('div');
    if (!this.who.may('light')) return h('p.note', w('role'));
    return [h('div.level-row', this.slider, this.number, h('span', {aria: {hidden: 'true'}}, '%')), quick,
      h('div.row', h('label.grow', h('span', w('fade')), this.fade), h('label.grow', h('span', w('until')), this.until)),
      this.sight.mode === 'centre' ? h('p.note', w('emergency.centre'))
        : h('label.tick', this.emergency, h('span', h('strong', w('emergency')), h('small', w('emergency.how')))),
      this.trouble, h('div.actions', this.releaseButton, this.setButton)];
  }

  level(value) {
    const level = Math.min(100, Math.max(0, Math.round(Number(value) || 0)));
    this.slider.value = this.number.value = level;
    this.changed();
  }

  changed() {
    if (!this.setButton) return;
    const count = this.chooser.chosen.size;
    this.setButton.disabled = this.releaseButton.disabled = !count || count > TARGETS_AT_ONCE || this.sending;
    this.setButton.textContent = w('set', {level: percent(Number(this.slider.value))});
    fill(this.trouble, count > TARGETS_AT_ONCE ? h('p.note.warn', w('too.many')) : null);
  }

  /** What the form asks for, as the API takes it. */
  asked(what) {
    const body = {targets: [...this.chooser.chosen], ...what};
    const fade = Number(this.fade.value);
    if (fade) body.fade_s = fade;
    if (this.emergency.checked) body.emergency = true;
    if (what.release) return body;
    const until = this.until.value;
    if (until === 'forever') body.forever = true;
    else if (until !== 'night') body.for_s = Number(until);
    return body;
  }

  async send(what) {
    this.sending = true;
    this.changed();
    try {
      await this.outcomes.send(this.asked(what));
    } catch (error) {
      fill(this.trouble, failure(error));
      this.sending = false;
      return;
    }
    this.sending = false;
    this.changed();
  }
}
