/** The plan and its calendar: changed, seen at once for any night, saved into gateway.toml, taken back. */

import {fill, h} from '../../dom.js';
import {moment, number, percent} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/plan.js';
import {ask, confirmed} from '../../parts/dialog.js';
import {said as noteOf, saidText} from '../../parts/said.js';
import {failure, waiting} from '../../parts/wait.js';
import {calendar, holidays, pick, title} from '../../plan/calendar.js';
import {copy, followed, named} from '../../plan/draft.js';
import {dark, differences, preview} from '../../plan/preview.js';
import {faultsOf} from '../../plan/refused.js';
import {Slots} from '../../plan/slots.js';
import {steps} from '../../plan/steps.js';

const w = words(table);
const TRY_MS = 300;
const FIRST_STEPS = [{at: 'sunset', level: 100, operation: 'set'}, {at: 'sunrise', level: 0, operation: 'set'}];
const PLAN = '/api/v1/plan';

export function planTab(root, context) {
  let editor = null;
  let over = false;
  const begin = () => {
    if (over || editor) return;
    if (context.sight.at === null) fill(root, waiting(w('wait')));
    else if (context.sight.mode === 'centre') fill(root, h('p.note', w('centre')));
    else editor = new Editor(root, context);
  };
  begin();
  const off = context.live.on('whole', begin);
  return () => { over = true; off(); editor?.end(); };
}

class Editor {
  constructor(root, context) {
    Object.assign(this, context);
    this.root = root;
    this.slots = new Slots();
    this.may = this.who.may('plan');
    this.turn = 0;
    this.leaving = (event) => { if (this.tried?.changes.length) event.preventDefault(); };
    addEventListener('beforeunload', this.leaving);
    this.load();
  }

  end() {
    clearTimeout(this.timer);
    removeEventListener('beforeunload', this.leaving);
    this.turn += 1;
  }

  async load() {
    fill(this.root, waiting(w('wait')));
    try {
      this.begin(await this.api.get(PLAN));
    } catch (error) {
      fill(this.root, failure(error, () => this.load()));
    }
  }

  /** Begin anew with the plan as it stands. */
  begin(view) {
    Object.assign(this, {view, plan: copy(view.plan), tried: null, program: ''});
    const held = this.target?.id || this.params.target?.split('/').at(-1);
    const {targets} = view;
    this.target = targets.find((one) => one.id === held) || targets.find((one) => one.follows) || targets[0];
    if (!targets.some((one) => one.kind === 'lamp')) { fill(this.root, h('p.note', w('none'))); return; }
    this.build();
    this.draw();
    this.attempt();
  }

  build() {
    const {targets} = this.view;
    const name = (one) => (one.kind === 'gateway' ? w('whole', {id: one.id}) : one.title);
    const option = (one) => h('option', {value: one.id, selected: one === this.target}, name(one));
    const choice = h('select', {onchange: () => { this.target = targets.find((one) => one.id === choice.value); this.program = ''; this.draw(); this.attempt(); }},
      targets.filter((one) => one.kind !== 'lamp').map(option), h('optgroup', {label: w('kind.lamp')}, targets.filter((one) => one.kind === 'lamp').map(option)));
    this.day = h('input', {type: 'date', value: this.day?.value || '', onchange: () => { this.wanted = this.day.value; this.program = ''; this.attempt(); }});
    Object.assign(this, {notes: h('div'), night: h('section.card', {aria: {label: w('preview')}}, waiting(w('preview'))), form: h('div.plan-form'), bar: h('div.plan-bar.no-print', {role: 'region', aria: {label: w('save')}})});
    this.choiceName = () => name(this.target);
    fill(this.root, this.notes, h('div.row', h('label.grow', h('span', w('of')), choice), h('label', h('span', w('night')), this.day)),
      h('div.plan', this.night, this.form), this.may ? this.bar : null);
    this.told();
  }

  /** What stands above: who has this configuration from where, and whether it is in force. */
  told() {
    const {managed, trouble, trouble_said} = this.view;
    fill(this.notes, this.may ? null : h('p.note', w('role')),
      managed ? h('p.note.warn', w(managed.changed ? 'managed.changed' : 'managed', {version: managed.version}), ' ', h('a', {href: `${PLAN}/text`, download: 'plan.toml'}, w('text'))) : null,
      trouble ? h('p.note.warn', `▲ ${saidText(trouble_said, trouble)}`) : null);
  }

  /** Draw the form; `key` is the field that has the focus then. */
  draw(key = '') {
    this.slots.clear();
    const scope = {plan: this.plan, slots: this.slots, w, changed: () => this.changed(), redraw: (next) => { this.draw(next); this.changed(); }};
    fill(this.form, h('fieldset.plan-all', {disabled: !this.may}, h('legend.hidden', w('of')), this.programCard(scope), this.calendarCard(scope),
      h('section.card', h('h2', w('holidays')), h('p.soft', w('holidays.about')), holidays(scope)), this.fadeCard()));
    if (key) this.form.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
    this.show();
  }

  programCard(scope) {
    const {plan} = this;
    if (!plan.program.length) return h('section.card', h('h2', w('program')), h('button', {type: 'button', onclick: () => this.addProgram(w('program.first.title'), FIRST_STEPS)}, w('program.first')));
    const tonight = this.tried?.night?.program;
    const shown = this.program || tonight || plan.program[0].id;
    const index = Math.max(0, plan.program.findIndex((one) => one.id === shown));
    const program = plan.program[index];
    const choose = h('select', {onchange: () => { this.program = choose.value; this.draw(); }},
      plan.program.map((one) => h('option', {value: one.id, selected: one === program}, title(one) + (one.id === tonight ? w('program.tonight') : ''))));
    const name = h('input', {type: 'text', maxlength: 120, value: title(program), oninput: () => { program.title = name.value || null; this.changed(); }});
    const users = plan.calendar.filter((one) => one.default === program.id || (one.rules || []).some((rule) => rule.program === program.id));
    return h('section.card', h('h2', w('program')), h('div.row', h('label.grow', h('span', w('program.choose')), choose), h('div.grow', scope.slots.field(`program[${index}].title`, w('program.title'), name))),
      scope.slots.spot(`program[${index}].id`), h('p.soft', users.length ? w('program.used', {names: users.map(title).join(', ')}) : w('program.unused')),
      steps({...scope, index}), h('div.row', h('button', {type: 'button', onclick: () => this.addProgram(w('program.copy', {name: title(program)}), program.steps, program.sensor)}, w('program.new')),
        users.length ? null : h('button', {type: 'button', onclick: () => { plan.program.splice(index, 1); this.program = ''; scope.redraw(''); }}, w('program.remove'))));
  }

  addProgram(name, stepsOf, sensor = []) {
    const id = named(name, this.plan.program.map((one) => one.id), 'program');
    this.plan.program.push({id, title: name, steps: copy(stepsOf), sensor: copy(sensor)});
    this.program = id;
    this.draw(`program[${this.plan.program.length - 1}].title`);
    this.changed();
  }

  calendarCard(scope) {
    const {plan, target} = this;
    const {targets} = this.view;
    const own = plan.assignment.findIndex((one) => one.target === target.id);
    const id = followed(plan, target, targets);
    const wide = id && own < 0 ? title(plan.calendar.find((one) => one.id === id) || {id}) : '';
    const assign = pick(plan.calendar, own < 0 ? '' : plan.assignment[own].calendar, (chosen) => {
      if (own >= 0) plan.assignment.splice(own, 1);
      if (chosen) plan.assignment.push({target: target.id, calendar: chosen});
      scope.redraw('');
    }, wide ? w('follows.wide', {name: wide}) : w('follows.none'));
    const key = own < 0 ? 'assignment' : `assignment[${own}]`;
    const index = plan.calendar.findIndex((one) => one.id === id);
    const more = h('button', {type: 'button', disabled: !plan.program.length, onclick: () => this.addCalendar(own)}, w('calendar.new'));
    const head = [h('h2', w('calendar')), h('div.row', h('div.grow', scope.slots.field(key, `${w('follows')}: ${this.choiceName()}`, assign)), more)];
    if (index < 0) return h('section.card', head, h('p.soft', w('calendar.none', {level: percent(this.view.default_level)})));
    const one = plan.calendar[index];
    const others = plan.assignment.filter((other) => other.calendar === one.id && other.target !== target.id).map((other) => targets.find((known) => known.id === other.target)?.title || other.target);
    const name = h('input', {type: 'text', maxlength: 120, value: title(one), oninput: () => { one.title = name.value || null; this.changed(); }});
    return h('section.card', head, scope.slots.field(`calendar[${index}].title`, w('calendar.title'), name), scope.slots.spot(`calendar[${index}]`),
      others.length ? h('p.note.warn', w('calendar.shared', {names: others.join(', ')})) : null, calendar({...scope, index}));
  }

  addCalendar(own) {
    const {plan, target} = this;
    const name = this.choiceName();
    const id = named(name, plan.calendar.map((one) => one.id), 'calendar');
    plan.calendar.push({id, title: name, default: this.tried?.night?.program || plan.program[0].id, rules: []});
    if (own >= 0) plan.assignment.splice(own, 1);
    plan.assignment.push({target: target.id, calendar: id});
    this.draw(`calendar[${plan.calendar.length - 1}].title`);
    this.changed();
  }

  fadeCard() {
    const input = h('input', {type: 'text', inputmode: 'decimal', maxlength: 6, value: String(this.plan.fade_s), oninput: () => {
      const seconds = Number(input.value.trim().replace(',', '.') || NaN);
      this.plan.fade_s = Number.isFinite(seconds) ? seconds : 'x';
      this.changed();
    }});
    return h('section.card', h('h2', w('other')), this.slots.field('lighting.fade_s', w('fade'), input));
  }

  /** Something was changed: try it once the fingers rest. */
  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.attempt(), TRY_MS);
  }

  async attempt() {
    clearTimeout(this.timer);
    const mine = ++this.turn;
    const before = this.tried?.night?.program;
    try {
      const tried = this.may ? await this.api.post(`${PLAN}/try`, {plan: this.plan, target: this.target.id, day: this.wanted || null})
        : {faults: [], changes: [], dark: '', night: await this.api.get(`/api/v1/light-plan/${this.target.id}${this.wanted ? `?day=${this.wanted}` : ''}`).catch(() => null), now: null};
      if (mine !== this.turn) return;
      this.tried = tried;
      if (tried.night) this.day.value = tried.night.day;
      this.faults = faultsOf(tried, w);
    } catch (error) {
      if (mine !== this.turn) return;
      this.faults = faultsOf(error, w) || [{key: '', text: error.message}];
      this.tried = {faults: this.faults, changes: this.tried?.changes || [], dark: '', night: null, now: null, bad: true};
    }
    if (this.tried.night && this.tried.night.program !== before && !this.program && !this.form.contains(document.activeElement)) this.draw();
    this.show();
  }

  /** Show what the trial said: the night, faults beside their fields, and what can be done now. */
  show() {
    if (!this.tried) return;
    const homeless = this.slots.say(this.faults || []);
    fill(this.night, h('h2', w('preview')), preview({tried: this.tried, w, targetTitle: this.choiceName()}),
      homeless.map(({key, text}) => h('p.note.bad', key ? w('elsewhere', {where: this.place(key), why: text}) : text)), differences(this.tried, w));
    if (this.may) this.actions();
  }

  /** Where a fault is that is not on the page now. */
  place(key) {
    const [, section, index] = /^(\w+)\[(\d+)\]/.exec(key) || [];
    const one = section && this.plan[section]?.[Number(index)];
    return one ? `${w(section === 'holiday' ? 'holidays' : section === 'program' ? 'program' : 'calendar')} ${title(one)}` : key;
  }

  actions() {
    const {changes, faults, bad} = this.tried;
    const {undo} = this.view;
    const sound = !bad && !faults.length;
    const save = h('button.primary', {type: 'button', disabled: !sound || !changes.length || this.busy, onclick: () => this.save()}, w('save'));
    const drop = h('button', {type: 'button', disabled: sound && !changes.length, onclick: () => this.drop()}, w('discard'));
    const back = undo && sound && !changes.length ? h('button', {type: 'button', disabled: this.busy, onclick: () => this.undo()}, w('undo')) : null;
    const said = changes.length ? w('changes', {n: number(changes.length)}) : [this.view.trouble ? '' : w('in.force'), ' ', undo ? w('undo.about', {by: undo.by, at: moment(undo.at)}) : ''];
    this.bar.classList.toggle('idle', sound && !changes.length);
    fill(this.bar, h('p', {role: 'status'}, said), h('div.actions', back, drop, save));
  }

  async drop() {
    const {length} = this.tried.changes;
    if (!length || await confirmed(w('discard'), h('p', w('leave', {n: number(length)})), w('discard'), 'danger')) this.load();
  }

  async save() {
    const {second_word: word} = this.tried;
    if (word && !await ask(w('confirm.title'), [h('p', w('dark', dark(this.tried.dark_said))), h('p', w('confirm.how'))],
      [{label: w('cancel'), value: false}, {label: w('confirm.yes'), kind: 'danger', value: true}])) return;
    await this.doing(() => this.api.put(PLAN, {plan: this.plan, version: this.view.version, second_word: word || ''}), w('saved.good'));
  }

  async undo() {
    const {undo} = this.view;
    const about = [h('p', w('undo.confirm')), h('p', w('undo.about', {by: undo.by, at: moment(undo.at)})), h('ul.plan-changes', undo.what.map((one, nth) => h('li', noteOf(this.view.undo_said[nth], one))))];
    if (await confirmed(w('undo'), about, w('undo'))) await this.doing(() => this.api.post(`${PLAN}/undo`, {version: this.view.version}), w('undone'));
  }

  /** Have the gateway do it, and begin anew with what it says; what it refuses changes nothing here. */
  async doing(work, good) {
    this.busy = true;
    this.actions();
    try {
      const view = await work();
      this.busy = false;
      this.shell.say(good);
      this.begin(view);
    } catch (error) {
      this.busy = false;
      this.faults = faultsOf(error, w) || [];
      this.show();
      if (!this.faults.length) fill(this.bar.querySelector('p'), h('span.note.bad', `▲ ${error.message} `, error.status === 409 ? h('button', {type: 'button', onclick: () => this.load()}, w('again')) : null));
    }
  }
}
