/** The night as the gateway works it out of a draft, beside what is in force; and what saving would change. */

import {h} from '../dom.js';
import {nightChart} from '../parts/nightchart.js';
import {said} from '../parts/said.js';
import {clock, date, now, number, percent, quantity} from '../units.js';

/** `tried` is the answer of the trial, or a plan alone as `{night, now: null, changes: []}`. */
export function preview({tried, w, targetTitle}) {
  const {night} = tried;
  if (!night) return tried.faults?.length ? h('p.note.bad', w('preview.faults', {n: number(tried.faults.length)})) : h('p.note.warn', w('preview.several'));
  const chart = nightChart({
    planned: faded(night.stretches, w), actual: tried.now ? edges(tried.now.stretches) : [], sunset: night.sunset, sunrise: night.sunrise, now: now(),
    words: {about: w('preview.about'), planned: w('preview.draft'), actual: w('preview.now'), now: w('now'), table: w('table'), from: w('from'), to: w('to'), why: w('why')},
  });
  return [
    h('h3', w('preview.title', {name: targetTitle, from: date(`${night.day}T12:00:00+07:00`)}), ' ', h('small.soft', night.title || night.program || w('preview.default'))),
    h('div.cards.plan-figures', figure(`${clock(night.sunset)}–${clock(night.sunrise)}`, w('sun')), figure(...energy(night, tried.now, w)), figure(...saving(night, w))),
    chart,
  ];
}

/** What differs from the file, and whom it leaves dark. */
export function differences(tried, w) {
  return [
    tried.dark ? h('p.note.warn', `▲ ${w('dark', dark(tried.dark_said))}`) : null,
    tried.changes.length ? [h('h3', w('changes', {n: number(tried.changes.length)})), h('ul.plan-changes', tried.changes.map((one, nth) => h('li', said(tried.changes_said[nth], one))))] : null,
  ];
}

/** What the gateway's sentence about a dark street speaks of. */
export function dark(sentences) {
  const {day = '', lamps = '', level = '', begin = '', end = '', program = '', most = ''} = sentences.find((one) => one.code === 'dark_night')?.what ?? {};
  return {day, n: lamps, level: number(Number(level), Number(level) % 1 ? 1 : 0), from: begin, to: end, program, max: most};
}

function figure(value, text) {
  return h('div.figure', h('b', value), h('span', text));
}

function energy(night, before, w) {
  if (night.energy_kwh === null) return ['–', w('energy.none')];
  const text = w('energy', {n: number(night.known), all: number(night.lamps)});
  const was = before && before.energy_kwh !== null && Math.abs(before.energy_kwh - night.energy_kwh) >= 0.005 ? w('energy.was', {was: quantity(before.energy_kwh, 'kWh', 2)}) : '';
  return [quantity(night.energy_kwh, 'kWh', 2), text + was];
}

function saving(night, w) {
  if (!night.full_kwh) return ['–', w('saved')];
  const saved = Math.round(100 * (1 - night.energy_kwh / night.full_kwh));
  return saved >= 0 ? [percent(saved), w('saved')] : [percent(-saved), w('saved.more')];
}

/** Each with what it says of its own fade. */
function faded(stretches, w) {
  return stretches.map((one) => (one.fade_s === null ? one : {...one, why: `${one.why}, ${w('step.fades', {s: quantity(one.fade_s)})}`}));
}

/** Stretches as the corners of a line. */
function edges(stretches) {
  return stretches.flatMap((one) => [[one.at, one.level], [one.end, one.level]]);
}
