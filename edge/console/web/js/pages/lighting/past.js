/** The history of a target out of the audit log: who set what, when, from where, what became of it; the plan too. */

import {fill, h} from '../../dom.js';
import {clock, date, isoDay, moment, now, number, percent, span} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/past.js';
import {empty, failure, waiting} from '../../parts/wait.js';
import {said as noteOf, stepWhy} from '../../parts/said.js';
import {offer} from '../../parts/targets.js';
import {isLamp} from '../../parts/things.js';
import {historyTab} from './history.js';

const w = words(table);
const PAGE = 50;
const DRESS = {verified: 'good', failed: 'bad', unknown: 'warn'};

export function pastTab(root, context) {
  const {live, sight, who} = context;
  let end = () => {};
  const begin = () => {
    if (sight.at === null) { fill(root, waiting(w('wait'))); return; }
    if (sight.offered().length) takeDown();
    end();
    fill(root);
    if (sight.mode === 'centre') {
      const list = h('div');
      root.append(h('p.note', w('centre')), list);
      end = historyTab(list, context);
    } else if (!who.may('history')) root.append(h('p.note', w('role')));
    else past(root, context);
  };
  const takeDown = live.onEach({whole: begin, offered: begin});
  begin();
  return () => { takeDown(); end(); };
}

function past(root, {api, sight, params, keep}) {
  const target = h('select', {onchange: () => look()});
  offer(target, sight, params.target);
  const lamps = [...sight.things.values()].filter(isLamp).sort((a, b) => a.id.localeCompare(b.id));
  if (lamps.length) target.append(h('optgroup', {label: w('lamps')}, lamps.map((one) => h('option', {value: one.id, selected: one.id === params.target}, one.title || one.device))));
  const since = h('input', {type: 'date', max: isoDay(), value: params.since || '', onchange: () => look()});
  const until = h('input', {type: 'date', max: isoDay(), value: params.until || '', onchange: () => look()});
  const people = h('input', {type: 'checkbox', checked: params.people === 'yes', onchange: () => look()});
  const list = h('div');
  const called = (id) => { const whole = `${target.value.split('/')[0]}/${id}`; return sight.targets.get(whole)?.title || sight.things.get(whole)?.title || id; };
  let turn = 0;

  const question = (before) => {
    const given = {people: String(people.checked), limit: PAGE};
    if (since.value) given.since = `${since.value}T00:00:00+07:00`;
    if (until.value) given.until = new Date(new Date(`${until.value}T00:00:00+07:00`).getTime() + 86_400_000).toISOString();
    if (before) given.before = before;
    return `/api/v1/light-history/${target.value.split('/').at(-1)}?${new URLSearchParams(given)}`;
  };

  async function look() {
    const mine = ++turn;
    keep({...params, tab: 'past', target: target.value, since: since.value, until: until.value, people: people.checked ? 'yes' : ''});
    fill(list, waiting(w('wait')));
    const body = h('tbody'), foot = h('div.paging');
    const grid = h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: w('title')}}, h('table.past', h('caption.hidden', w('title')),
      h('thead', h('tr', ['when', 'who', 'what', 'outcome'].map((key) => h('th', {scope: 'col'}, w(key))))), body));
    const more = async (before) => {
      const found = await api.get(question(before));
      if (mine !== turn) return;
      const fresh = found.entries.map((entry) => line(entry, called));
      body.append(...fresh);
      const older = found.before === null ? h('p.soft', w('end')) : h('button', {type: 'button', onclick: () => more(found.before).catch((error) => fill(foot, failure(error, () => more(found.before))))}, w('older'));
      fill(foot, older);
      fill(list, body.childElementCount ? [h('div.card', grid), foot] : empty(w('nothing'), w('nothing.do')));
      if (before) fresh[0]?.querySelector('td')?.scrollIntoView({block: 'nearest'});
    };
    await more(null).catch((error) => { if (mine === turn) fill(list, failure(error, look)); });
  }

  fill(root, h('div.row.no-print', h('label.grow', h('span', w('of')), target), h('label', h('span', w('since')), since), h('label', h('span', w('until')), until), h('label.tick', people, h('span', w('people')))), list);
  look();
}

/** An entry as a row; `called` gives what people call a lamp or target. */
function line(entry, called) {
  const by = entry.by ? [h('strong', entry.by), h('small.soft', ` ${w(`via.${entry.source}`)}`)] : h('span.soft', w('itself'));
  return h('tr', h('td', entry.at ? moment(entry.at, true) : w('unset')), h('td', by), h('td', did(entry, called)), h('td', result(entry)));
}

/** What was done, in words. */
function did(entry, called) {
  const {words: said} = entry;
  const level = said.level === undefined ? '' : percent(said.level);
  const of = {target: said.target ? called(said.target) : '', level, lamps: said.lamps === undefined ? '' : number(said.lamps), why: stepWhy(said.why), then: said.then === undefined ? '' : percent(said.then)};
  switch (entry.kind) {
    case 'command': case 'refused': {
      const what = level ? w('set', of) : w('release', of);
      const how = [said.for_s ? w('for', {span: span(said.for_s)}) : said.forever ? w('forever') : '', said.emergency ? w('emergency') : '', said.confirmed ? w('confirmed') : ''].filter(Boolean);
      return [what, how.length ? h('small.soft', ` ${how.join(', ')}`) : null];
    }
    case 'outcome': return w('outcome.of', of);
    case 'plan': return said.names && said.lamps === 1 ? w('plan.one', {...of, name: called(said.names)}) : w('plan.many', of);
    case 'plan_changed': return [w('plan.changed'), ' ', h('small', noteOf(entry.changes, said.what))];
    case 'expired': return said.then === undefined ? w('expired', of) : w('expired.then', of);
    case 'alarm': return [w(`alarm.${said.said}`), ' ', h('small', noted(entry))];
    case 'failure': case 'recovered': case 'members': case 'feeder': return w(entry.kind, of);
    default: return [w(`kind.${entry.kind}`), said.reason ? h('small.soft', ' ', noted(entry)) : null];
  }
}

/** The reason that was noted, in the reader's language. */
function noted(entry) {
  return noteOf(entry.reasons, entry.words.reason);
}

/** What became of it. */
function result(entry) {
  const {kind, words: said, until} = entry;
  if (kind === 'outcome') return [h('span', {class: `chip ${DRESS[said.state] || ''}`}, w(`state.${said.state}`)), said.after && said.after !== 'unknown' ? ` ${w('after', {level: said.after})}` : '', said.reason ? h('small.soft', ' ', noted(entry)) : null];
  if (kind === 'refused') return [h('span.chip.bad', w('refused')), h('small.soft', ' ', noted(entry))];
  if (kind === 'failure') return h('small.soft', noted(entry));
  if (kind === 'command') return said.before && said.before !== 'unknown' ? h('span.soft', w('before', {level: said.before})) : '';
  return until ? h('span.soft', w('ended', {at: date(until) === date(now()) ? clock(until) : moment(until)})) : '';
}
