/** A night of a group, circuit or the gateway: what was planned, what happened, and the energy it takes. */

import {fill, h} from '../../dom.js';
import {clock, date, now, number, percent, quantity} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/tonight.js';
import {nightChart} from '../../parts/nightchart.js';
import {loaded, waiting} from '../../parts/wait.js';

const w = words(table);
const STEP_S = 300;
const LAMPS_READ = 6;

export function tonightTab(root, {api, live, sight, params}) {
  const box = h('div');
  let chosen = '';
  const choice = h('select', {onchange: () => show()});
  const day = h('input', {type: 'date', onchange: () => { chosen = day.value; show(); }});
  fill(root, h('div.row.no-print', h('label.grow', h('span', w('of')), choice), h('label', h('span', w('night')), day)), box);
  const offer = () => {
    const held = choice.value || params.target;
    const targets = sight.offered().sort((a, b) => a.title.localeCompare(b.title, 'vi'));
    fill(choice, targets.map((one) => h('option', {value: one.id, selected: one.id === held}, one.title)));
  };
  const begin = () => { offer(); show(); };
  const others = () => { const shown = choice.value; offer(); if (choice.value !== shown) show(); };
  const show = () => {
    if (!sight.seq) { fill(box, waiting(w('wait'))); return; }
    if (sight.mode === 'centre') { fill(box, h('p.note', w('centre'))); return; }
    if (!choice.value) { fill(box, h('p.note', w('none'))); return; }
    fill(box);
    loaded(box, w('wait'), () => ask(api, choice.value, chosen), (found) => { day.value = found.plan.day; return told(found); });
  };
  begin();
  return live.onEach({whole: begin, offered: others});
}

async function ask(api, target, day) {
  const [gateway, name] = target.split('/');
  const plan = await api.get(`/api/v1/light-plan/${name}${day ? `?day=${day}` : ''}`);
  const from = new Date(new Date(plan.sunset).getTime() - 3_600_000).toISOString();
  const to = new Date(new Date(plan.sunrise).getTime() + 3_600_000).toISOString();
  const lamps = plan.members.slice(0, LAMPS_READ);
  const series = await Promise.all(lamps.map((lamp) =>
    api.get(`/api/v1/town/series?thing=${gateway}/${lamp}&point=level&from=${from}&to=${to}&step=${STEP_S}`).catch(() => null)));
  return {plan, actual: averaged(series.filter(Boolean)), lamps};
}

/** The mean of several lamps by step. */
function averaged(series) {
  const sums = new Map();
  for (const one of series) {
    one.at.forEach((at, index) => {
      const known = sums.get(at) || [0, 0];
      sums.set(at, [known[0] + one.mean[index], known[1] + 1]);
    });
  }
  return [...sums].map(([at, [sum, n]]) => [at, sum / n]).sort((a, b) => a[0].localeCompare(b[0]));
}

function told({plan, actual, lamps}) {
  const saved = plan.full_kwh ? 100 * (1 - plan.energy_kwh / plan.full_kwh) : null;
  const figure = (value, text) => h('div.card.figure', h('b', value), h('span', text));
  return [
    h('h2', w('title', {from: date(`${plan.day}T12:00:00+07:00`)}), ' ', h('small.soft', plan.title || plan.program || w('default'))),
    h('div.cards', figure(`${clock(plan.sunset)}–${clock(plan.sunrise)}`, w('sun')),
      figure(plan.energy_kwh === null ? '–' : quantity(plan.energy_kwh, 'kWh', 1), plan.known ? w('energy', {n: number(plan.known), all: number(plan.lamps)}) : w('energy.none')),
      figure(saved === null ? '–' : percent(Math.round(saved)), w('saved'))),
    h('div.card', nightChart({planned: plan.stretches, actual, sunset: plan.sunset, sunrise: plan.sunrise, now: now(),
      words: {about: w('about'), planned: w('planned'), actual: w('actual', {n: number(lamps.length), all: number(plan.members.length)}), now: w('now'), table: w('table'), from: w('from'), to: w('to'), why: w('why')}}),
    actual.length ? null : h('p.soft', w('actual.none'))),
  ];
}

