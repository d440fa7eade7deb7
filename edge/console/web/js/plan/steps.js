/** The switchings of a program: when, how bright, and whether this is set, at least or at most. */

import {h} from '../dom.js';
import {quantity} from '../units.js';
import {fresh, place, told, written} from './draft.js';

const KINDS = ['sunset', 'sunset-', 'clock', 'sunrise-', 'sunrise'];
const OPERATIONS = ['set', 'max', 'min'];

/** The steps of `plan.program[index]`; `redraw(key)` after a step came or went, `changed()` after a value did. */
export function steps({plan, index, slots, w, changed, redraw}) {
  const program = plan.program[index];
  const at = `program[${index}]`;
  const add = h('button', {type: 'button', onclick: () => {
    const step = fresh(program.steps);
    const where = place(program.steps, step.at);
    program.steps.splice(where, 0, step);
    redraw(`${at}.steps[${where}].at`);
  }}, `+ ${w('step.add')}`);
  return [
    h('ol.plan-steps', program.steps.map((step, nth) => row({plan, program, step, nth, at: `${at}.steps[${nth}]`, slots, w, changed, redraw}))),
    slots.spot(`${at}.steps`),
    h('p.soft', w('step.fade.about', {s: Number.isFinite(plan.fade_s) ? quantity(plan.fade_s) : '–'})),
    h('div.row', add),
    program.sensor?.length ? h('p.soft', w('step.sensors', {names: program.sensor.map((one) => one.device).join(', ')})) : null,
  ];
}

function row({plan, program, step, nth, at, slots, w, changed, redraw}) {
  const known = told(step.at);
  const value = h('input.plan-when', {type: 'text', inputmode: known.kind === 'clock' ? 'text' : 'decimal', autocomplete: 'off', maxlength: 12, value: known.value,
    oninput: () => { step.at = written(kind.value, value.value); changed(); }});
  const kind = h('select', {onchange: () => {
    const was = told(step.at).kind === 'clock';
    const is = kind.value === 'clock';
    if (was !== is) value.value = is ? '22:00' : '0';
    value.inputMode = is ? 'text' : 'decimal';
    step.at = written(kind.value, value.value);
    changed();
  }}, KINDS.map((one) => h('option', {value: one, selected: one === known.kind}, w(`kind.${one}`))));
  const level = h('input.plan-level', {type: 'text', inputmode: 'decimal', autocomplete: 'off', maxlength: 6, value: step.level === null ? '' : String(step.level), oninput: () => {
    const text = level.value.trim().replace(',', '.');
    step.level = text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
    changed();
  }});
  const fade = h('input.plan-fade', {type: 'text', inputmode: 'decimal', autocomplete: 'off', maxlength: 6, placeholder: String(plan.fade_s ?? ''), value: step.fade_s === null || step.fade_s === undefined ? '' : String(step.fade_s), oninput: () => {
    const text = fade.value.trim().replace(',', '.');
    step.fade_s = text === '' ? null : Number.isFinite(Number(text)) ? Number(text) : 'x';
    changed();
  }});
  const operation = h('select', {onchange: () => { step.operation = operation.value; changed(); }},
    OPERATIONS.map((one) => h('option', {value: one, selected: one === (step.operation || 'set')}, w(`operation.${one}`))));
  const fields = [['at', 'value', value], ['operation', 'operation', operation], ['level', 'level', level], ['fade_s', 'fade', fade]].map(([name, what, input]) =>
    slots.apart(`${at}.${name}`, w(`step.${what}`), input, w('step.of', {n: nth + 1, what: w(`step.${what}`)})));
  return h('li', fields[0].node, h('div.plan-field', h('label', h('span', w('step.kind')), kind)), fields[1].node, fields[2].node, fields[3].node,
    h('button.quiet', {type: 'button', title: w('step.remove', {n: nth + 1}), aria: {label: w('step.remove', {n: nth + 1})}, onclick: () => {
      program.steps.splice(nth, 1);
      redraw('');
    }}, '×'), h('div.plan-wrong', fields.map((one) => one.wrong)));
}
