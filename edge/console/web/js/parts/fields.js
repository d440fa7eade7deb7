/** A form for a phone: what is wrong is said beside its field, and what was typed outlives a reload. */

import {fill, h} from '../dom.js';
import {language} from '../words.js';

/**
 * `fields`: `{name, label, hint?, kind: 'text'|'number'|'id'|'choice'|'check'|'long', value?, must?, min?, max?, options?, hidden?, plain?}`
 * (`plain`: nothing is said of whether it is needed);
 * a choice's `options` are `[value, text]`. `send(values)` does it; `refused(error)` gives `{field, text}` of what the
 * server did not take. `draft` names where what was typed is kept until it was taken (this tab only).
 * Gives `{node, input(name), wrong(name, text), values()}`.
 */
export function form({fields, label, send, refused, draft, words, more = {}}) {
  const kept = draft ? remembered(draft) : {};
  const rows = new Map(fields.map((field) => [field.name, row(field, kept[field.name], words)]));
  const general = h('div', {role: 'alert'});
  const button = h('button.primary', {type: 'submit'}, label);
  const keep = () => { if (draft) sessionStorage.setItem(draft, JSON.stringify(Object.fromEntries([...rows].map(([name, one]) => [name, one.raw()])))); };
  const wrong = (name, text) => {
    const one = rows.get(name);
    if (!one) fill(general, text ? h('p.note.bad', text) : null);
    else one.say(text);
    return one?.input;
  };
  const node = h('form.fields', {novalidate: true, oninput: keep, onchange: keep, onsubmit: async (event) => {
    event.preventDefault();
    fill(general);
    const bad = [...rows.values()].filter((one) => !one.check());
    if (bad.length) { bad[0].input.focus(); return; }
    button.disabled = true;
    if (draft) sessionStorage.removeItem(draft);
    try {
      await send(values());
    } catch (error) {
      keep();
      const {field, text} = refused(error);
      wrong(field, text)?.focus();
    }
    button.disabled = false;
  }}, [...rows].map(([name, one]) => [one.node, more[name] ?? null]), general, h('div.actions', button));
  const values = () => Object.fromEntries([...rows].map(([name, one]) => [name, one.value()]).filter(([, value]) => value !== null));
  return {node, wrong, values, keep, input: (name) => rows.get(name).input};
}

/** What was typed in this tab and not yet taken. */
function remembered(draft) {
  try {
    return JSON.parse(sessionStorage.getItem(draft)) ?? {};
  } catch {
    return {};
  }
}

function row(field, kept, words) {
  const id = `field-${field.name}`;
  const input = made(field, id, kept);
  const wrong = h('p.field-wrong', {id: `${id}-wrong`, role: 'alert'});
  input.setAttribute('aria-describedby', `${id}-wrong`);
  const say = (text) => {
    fill(wrong, text ? `▲ ${text}` : null);
    if (text) node.hidden = false;
    if (text) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  };
  input.addEventListener('input', () => say(''));
  const checkbox = field.kind === 'check';
  const node = h('div.field', {hidden: field.hidden}, checkbox ? h('label.check', input, ' ', field.label)
    : h('label', {for: id}, h('span', field.label, field.must || field.plain ? null : h('small.soft', ` (${words('optional')})`)), field.hint ? h('small.soft', field.hint) : null, input), wrong);
  const value = () => {
    if (checkbox) return input.checked;
    const text = input.value.trim();
    if (text === '') return null;
    return field.kind === 'number' ? Number(text.replace(',', '.')) : text;
  };
  const check = () => {
    const text = trouble(field, value(), words);
    say(text);
    return !text;
  };
  return {node, input, say, value, check, raw: () => (checkbox ? input.checked : input.value)};
}

function made(field, id, kept) {
  const value = kept ?? field.value ?? (field.kind === 'check' ? false : '');
  if (field.kind === 'check') return h('input', {id, type: 'checkbox', checked: Boolean(value)});
  if (field.kind === 'choice') {
    const input = h('select', {id}, field.options.map(([one, text]) => h('option', {value: one}, text)));
    input.value = value;
    if (input.selectedIndex < 0) input.selectedIndex = 0;
    return input;
  }
  if (field.kind === 'long') return h('textarea', {id, rows: 3, maxlength: field.max ?? 500, value});
  const shape = field.kind === 'number' ? {inputmode: 'decimal'} : field.kind === 'id' ? {autocapitalize: 'none', spellcheck: 'false', maxlength: 32} : {maxlength: field.max ?? 80};
  return h('input', {id, type: 'text', autocomplete: 'off', ...shape, value: field.kind === 'number' ? String(value).replace('.', language() === 'vi' ? ',' : '.') : value});
}

function trouble(field, value, words) {
  if (value === null) return field.must ? words('must') : '';
  if (field.kind === 'id') return /^[a-z0-9][a-z0-9-]{0,31}$/.test(value) ? '' : words('id_wrong');
  if (field.kind !== 'number') return '';
  if (!Number.isFinite(value)) return words('number_wrong');
  const {min = -Infinity, max = Infinity} = field;
  return value < min || value > max ? words('range_wrong', {min, max}) : '';
}
