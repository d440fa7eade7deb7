/** What became of commands, target by target, live; asks for the second word where the guard wants one. */

import {fill, h} from '../../dom.js';
import {clock, number, percent} from '../../units.js';
import {words} from '../../words.js';
import table from '../../words/lighting.js';
import {gatewayName} from '../../parts/away.js';
import {confirmed} from '../../parts/dialog.js';
import {said} from '../../parts/said.js';

const w = words(table);
const DRESS = {verified: 'good', failed: 'bad', unknown: 'warn', confirm: 'warn'};
const SIGN = {sent: '…', accepted: '…', applied: '◔', verified: '✓', failed: '✕', unknown: '?', confirm: '!'};
const SHOWN = 5;
const LONG_MS = 10_000;
const ASK_MS = 2_000;

/** What became of a target, in short: where most of its lamps follow, how many do not. */
export function stateWord(one) {
  const lacking = (one.lamps ?? 0) - (one.verified ?? 0);
  if (one.confirm) return w('state.confirm');
  return one.state === 'failed' && one.verified && lacking ? w('state.lacking', {n: number(lacking)}) : w(`state.${one.state}`);
}

export class Outcomes {
  constructor({api, live, sight, say}) {
    Object.assign(this, {api, live, sight, say});
    this.orders = new Map();
    this.node = h('div.outcomes', {aria: {live: 'polite'}}, h('p.soft', w('outcome.none')));
    this.off = live.on('outcome', (order) => this.heard(order));
  }

  /** Send a command; it is followed by the live data and, should that be lost, by asking. */
  async send(body) {
    const order = await this.api.post('/api/v1/town/light', body);
    this.orders.set(order.id, {body, order, targets: new Map(order.targets.map((one) => [one.target, one])), began: Date.now(), asked: false});
    this.draw();
    this.follow(order.id);
  }

  follow(id) {
    const mine = this.orders.get(id);
    if (!mine || mine.over) return;
    setTimeout(async () => {
      if (!this.gone && !mine.over) {
        const found = await this.api.get(`/api/v1/town/commands/${id}`).catch(() => null);
        if (found) this.heard(found);
        this.draw();
        this.follow(id);
      }
    }, ASK_MS);
  }

  heard(order) {
    const mine = this.orders.get(order.id);
    if (!mine || mine.over) return;
    for (const one of order.targets) mine.targets.set(one.target, one);
    mine.over = order.ended;
    this.draw();
    if (mine.over) this.finished(mine);
  }

  async finished(mine) {
    const all = [...mine.targets.values()];
    const wanting = all.filter((one) => one.confirm);
    const bad = all.filter((one) => one.state !== 'verified' && !one.confirm);
    if (bad.length) this.say(w('done.bad', {n: number(bad.length)}), 'bad');
    else if (!wanting.length) this.say(w('done', {done: number(all.length), all: number(all.length)}));
    if (!wanting.length || mine.asked || this.gone) return;
    mine.asked = true;
    const text = [h('ul', wanting.map((one) => h('li', this.reason(one)))), h('p.note.warn', w('confirm.how'))];
    if (!await confirmed(w('confirm.title'), text, w('confirm.yes'), 'danger')) {
      this.say(w('confirm.not'), 'bad');
      return;
    }
    const confirm = Object.fromEntries(wanting.map((one) => [one.target, one.confirm]));
    try {
      await this.send({...mine.body, targets: wanting.map((one) => one.target), confirm});
    } catch (error) {
      this.say(error.message, 'bad');
    }
  }

  title(id) {
    const name = this.sight.targets.get(id)?.title || this.sight.things.get(id)?.title || id;
    return [name, gatewayName(this.sight, id)].filter(Boolean).join(' · ');
  }

  /** Why, in the reader's language; who is asked for a second word is not shown how programs give it. */
  reason(one) {
    const sentences = one.said?.filter((each) => each.code !== 'repeat');
    return [one.confirm ? h('strong', this.title(one.target), ': ') : null, said(sentences, one.reason)];
  }

  draw() {
    const latest = [...this.orders.values()].reverse().slice(0, SHOWN);
    if (latest.length) fill(this.node, latest.map((mine) => this.card(mine)));
  }

  card(mine) {
    const {order, targets, began, over} = mine;
    const what = order.asked.release ? w('order.release') : w('order.set', {level: percent(order.asked.level)});
    return h('article.outcome', h('h3', what, ' ', h('small.soft', clock(order.at, true))),
      !over && Date.now() - began > LONG_MS ? h('p.note.warn', w('waiting.long')) : null,
      h('ul', [...targets.values()].map((one) => {
        const state = one.confirm ? 'confirm' : one.state;
        const count = one.lamps ? w('verified.of', {n: number(one.verified ?? 0), all: number(one.lamps)}) : '';
        return h('li', h('span', {class: `chip ${DRESS[state] || ''}`, data: {outcome: state}}, h('i', {aria: {hidden: 'true'}}, SIGN[state]), stateWord(one)),
          ' ', h('strong', this.title(one.target)), ' ', h('small.soft', count), one.reason && state !== 'confirm' ? h(state in DRESS ? 'p.why' : 'p.why.soft', this.reason(one)) : null);
      })));
  }

  takeDown() {
    this.gone = true;
    this.off();
  }
}
