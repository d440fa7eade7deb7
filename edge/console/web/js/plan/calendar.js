/** A calendar: which program on which nights; the first rule that fits wins, the rest have the default. */

import {h} from '../dom.js';
import {named, spanTold, spanWritten} from './draft.js';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** What a table is called. */
export function title(one) {
  return one.title || one.id;
}

/** A select of tables by their ids; an id that there is not is shown as it stands. */
export function pick(tables, value, onchange, nothing = null) {
  const known = tables.some((one) => one.id === value);
  const select = h('select', {onchange: () => onchange(select.value || null)}, [
    nothing === null ? null : h('option', {value: '', selected: !value}, nothing),
    !known && value ? h('option', {value, selected: true}, `? ${value}`) : null,
    tables.map((one) => h('option', {value: one.id, selected: one.id === value}, title(one))),
  ]);
  return select;
}

/** The rules and the default of `plan.calendar[index]`. */
export function calendar({plan, index, slots, w, changed, redraw}) {
  const one = plan.calendar[index];
  const at = `calendar[${index}]`;
  const rules = one.rules ||= [];
  const add = h('button', {type: 'button', onclick: () => {
    rules.push({program: one.default, dates: null, weekdays: [], holiday: null});
    redraw(`${at}.rules[${rules.length - 1}].program`);
  }}, `+ ${w('rule.add')}`);
  return [
    rules.length ? h('div.plan-rules', rules.map((rule, nth) => ruleRow({plan, rules, rule, nth, at: `${at}.rules[${nth}]`, slots, w, changed, redraw}))) : h('p.soft', w('rule.none')),
    h('div.row', add),
    slots.field(`${at}.default`, w(rules.length ? 'calendar.default' : 'calendar.every'), pick(plan.program, one.default, (id) => { one.default = id; redraw(`${at}.default`); })),
  ];
}

function ruleRow({plan, rules, rule, nth, at, slots, w, changed, redraw}) {
  const [first, last] = spanTold(rule.dates);
  const from = dayInput(first), to = dayInput(last);
  from.oninput = to.oninput = () => { rule.dates = spanWritten(from.value, to.value); changed(); };
  const week = WEEKDAYS.map((name) => {
    const box = h('input', {type: 'checkbox', checked: (rule.weekdays || []).includes(name), onchange: () => {
      rule.weekdays = WEEKDAYS.filter((other) => (other === name ? box.checked : (rule.weekdays || []).includes(other)));
      changed();
    }});
    return h('label.plan-day', box, h('span', w(`day.${name}`)));
  });
  const move = (by, sign, text) => h('button.quiet', {type: 'button', title: text, aria: {label: text}, disabled: !rules[nth + by], onclick: () => {
    rules.splice(nth + by, 0, ...rules.splice(nth, 1));
    redraw(at.replace(/\[\d+\]$/, `[${nth + by}].program`));
  }}, sign);
  return h('div', {role: 'group', aria: {label: w('rule', {n: nth + 1})}},
    h('div.plan-rule-head', slots.field(`${at}.program`, w('rule.program'), pick(plan.program, rule.program, (id) => { rule.program = id; redraw(`${at}.program`); })),
      h('div.plan-moves', move(-1, '↑', w('rule.up', {n: nth + 1})), move(1, '↓', w('rule.down', {n: nth + 1})),
        h('button.quiet', {type: 'button', title: w('rule.remove', {n: nth + 1}), aria: {label: w('rule.remove', {n: nth + 1})}, onclick: () => { rules.splice(nth, 1); redraw(''); }}, '×'))),
    h('div.plan-days', slots.field(`${at}.dates`, w('rule.from'), from), h('div.plan-field', h('label', h('span', w('rule.to')), to)),
      slots.field(`${at}.holiday`, w('rule.holiday'), pick(plan.holiday, rule.holiday, (id) => { rule.holiday = id; changed(); }, w('rule.any')))),
    h('fieldset.plan-week', h('legend', w('rule.weekdays')), week), slots.spot(`${at}.weekdays`), slots.spot(at));
}

/** Holidays: named days, since Tết moves every year. */
export function holidays({plan, slots, w, changed, redraw}) {
  const add = h('button', {type: 'button', onclick: () => {
    const ids = plan.holiday.map((one) => one.id);
    plan.holiday.push({id: named(w('holiday.new'), ids, 'holiday'), title: w('holiday.new'), dates: ['']});
    redraw(`holiday[${plan.holiday.length - 1}].title`);
  }}, `+ ${w('holiday.add')}`);
  return [
    plan.holiday.length ? h('div.plan-rules', plan.holiday.map((one, nth) => holiday({plan, one, nth, slots, w, changed, redraw}))) : h('p.soft', w('holiday.none')),
    h('div.row', add),
  ];
}

function holiday({plan, one, nth, slots, w, changed, redraw}) {
  const at = `holiday[${nth}]`;
  const name = h('input', {type: 'text', maxlength: 120, value: title(one), oninput: () => { one.title = name.value; changed(); }});
  return h('div', {role: 'group', aria: {label: title(one)}},
    h('div.plan-rule-head', slots.field(`${at}.title`, w('holiday.title'), name), h('div.plan-moves',
      h('button.quiet', {type: 'button', title: w('holiday.remove', {name: title(one)}), aria: {label: w('holiday.remove', {name: title(one)})}, onclick: () => { plan.holiday.splice(nth, 1); redraw(''); }}, '×'))),
    one.dates.map((dates, which) => {
      const [first, last] = spanTold(dates);
      const from = dayInput(first), to = dayInput(last);
      from.oninput = to.oninput = () => { one.dates[which] = spanWritten(from.value, to.value) || ''; changed(); };
      return h('div.plan-days.plan-span', slots.field(`${at}.dates[${which}]`, w('rule.from'), from), h('div.plan-field', h('label', h('span', w('rule.to')), to)),
        h('button.quiet', {type: 'button', title: w('holiday.less'), aria: {label: w('holiday.less')}, onclick: () => { one.dates.splice(which, 1); redraw(''); }}, '×'));
    }),
    slots.spot(`${at}.dates`), slots.spot(at),
    h('div.row', h('button', {type: 'button', onclick: () => { one.dates.push(''); redraw(`${at}.dates[${one.dates.length - 1}]`); }}, `+ ${w('holiday.more')}`)));
}

function dayInput(value) {
  return h('input.plan-date', {type: 'text', inputmode: 'numeric', autocomplete: 'off', maxlength: 12, placeholder: '20/12', value});
}
