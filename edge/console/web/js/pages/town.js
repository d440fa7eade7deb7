/** The town: what stands where and how it is, on a map and as a list, with the same search for both. */

import {fill, h} from '../dom.js';
import {number, short} from '../units.js';
import {t, words} from '../words.js';
import table from '../words/town.js';
import {awayNote} from '../parts/away.js';
import {showDetail} from '../parts/detail.js';
import {leaflet, townMap} from '../parts/map.js';
import {stateChip, tt} from '../parts/signs.js';
import {CLASSES, SIGNS, STATES, byId, counted, findable, main, place, plain, state} from '../parts/things.js';
import {table as grid} from '../parts/table.js';
import {empty, waiting} from '../parts/wait.js';

const w = words(table);

class TownPage {
  constructor(root, context) {
    Object.assign(this, context);
    const {q = '', kind = '', state: only = '', view = '', thing = ''} = context.params;
    this.asked = {q, kind, state: only, view: view || 'map', thing};
    this.ends = [];
    this.rows = [];
    this.build(root);
    this.ends.push(this.live.on('whole', () => this.find()), this.live.on('change', (changed) => this.changed(changed)));
    this.find();
    this.addMap();
    if (thing) this.open(thing);
  }

  build(root) {
    this.kinds = h('select', {onchange: (event) => this.ask({kind: event.target.value})});
    const search = h('input', {type: 'search', value: this.asked.q, placeholder: w('find.hint'), autocomplete: 'off', oninput: (event) => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.ask({q: event.target.value}), 150);
    }});
    this.states = h('div.states', {role: 'group', aria: {label: w('states')}});
    this.count = h('p.soft', {role: 'status'});
    const away = awayNote(this.sight, this.live);
    this.ends.push(away.ends);
    this.views = h('div.views', {role: 'group', aria: {label: w('view')}}, ['map', 'list'].map((name) =>
      h('button', {type: 'button', data: {view: name}, onclick: () => this.ask({view: name})}, w(name))));
    this.mapBox = h('div.map', {role: 'region', aria: {label: w('map.label')}});
    this.list = grid({
      caption: w('title'), key: (thing) => thing.id, nothing: () => this.nothing(),
      columns: [
        {title: w('column.name'), cell: (thing) => h('button.quiet.name', {type: 'button', onclick: () => this.open(thing.id)}, thing.title || thing.id), kind: 'name'},
        {title: w('column.class'), cell: (thing) => tt(`class.${thing.class}`), phone: false},
        {title: w('column.place'), cell: place, kind: 'more'},
        {title: w('column.state'), cell: stateChip, kind: 'state'},
        {title: w('column.value'), cell: main, align: 'end', kind: 'value'},
        {title: w('column.last'), cell: (thing) => short(thing.last_at), align: 'end', phone: false},
      ],
    });
    this.listBox = h('div.card.list');
    this.detail = h('aside.card.detail', {hidden: true, aria: {label: w('detail.values')}});
    root.append(h('h1.hidden', w('title')), h('div.town-tools', h('div.row',
      h('label.grow', h('span', w('find')), search), h('label', h('span', w('kind')), this.kinds), this.views), this.states, this.count, away.node),
    h('div.town-body', h('div.town-main', this.mapBox, this.listBox), this.detail));
  }

  async addMap() {
    this.mapBox.append(waiting(w('map')));
    const L = await leaflet();
    if (this.gone) return;
    this.mapBox.replaceChildren();
    if (!L) {
      this.mapBox.classList.add('missing');
      this.mapBox.append(h('p.note.warn', w('map.missing'), ' ', t('assets.missing')));
      this.noMap = true;
      this.show();
      return;
    }
    this.map = townMap(L, this.mapBox, {
      things: () => this.rows, chosen: () => new Set([this.asked.thing]), about: this.about,
      pick: (thing) => this.open(thing.id), hint: (thing) => `${thing.title || thing.id}: ${tt(`state.${state(thing)}`)}, ${main(thing)}`,
    });
    this.ends.push(() => this.map.remove());
    this.fitted = this.map.fit();
  }

  ask(change) {
    Object.assign(this.asked, change);
    this.keep({...this.asked, view: this.asked.view === 'map' ? '' : this.asked.view});
    this.find();
    if ('q' in change || 'kind' in change || 'state' in change) this.map?.fit();
  }

  /** Whatever fits the search, troubles first. */
  find() {
    const {q, kind} = this.asked;
    const wanted = plain(q).split(/\s+/).filter(Boolean);
    const all = [...this.sight.things.values()];
    this.fitting = all.filter((thing) => (!kind || thing.class === kind) && (!wanted.length || wanted.every((one) => findable(thing).includes(one))));
    this.rows = this.asked.state ? this.fitting.filter((thing) => state(thing) === this.asked.state) : this.fitting;
    this.known = this.sight.things.size;
    const lots = {failed: [], silent: [], other: []};
    for (const thing of this.rows) (lots[state(thing)] || lots.other).push(thing);
    this.rows = Object.values(lots).flatMap((lot) => lot.sort(byId));
    this.list.show(this.rows);
    if (this.map && !this.fitted) this.fitted = this.map.fit();
    this.show();
  }

  show() {
    const {view, kind} = this.asked;
    const there = new Set([...this.sight.things.values()].map((thing) => thing.class));
    const classes = CLASSES.filter((name) => there.has(name));
    fill(this.kinds, h('option', {value: ''}, tt('class.all')), classes.map((name) => h('option', {value: name, selected: name === kind}, tt(`class.${name}`))));
    for (const button of this.views.children) button.setAttribute('aria-pressed', String(button.dataset.view === view));
    this.mapBox.hidden = view !== 'map';
    this.listBox.hidden = view !== 'list' && !this.noMap;
    if (!this.listBox.contains(this.list.node)) this.listBox.append(this.list.node);
    this.tally();
    this.map?.draw();
  }

  tally() {
    const counts = counted(this.fitting);
    const button = (name) => h('button', {type: 'button', class: `state sign-${name}`, data: {state: name}, aria: {pressed: String(this.asked.state === name)},
      onclick: () => this.ask({state: this.asked.state === name ? '' : name})}, h('i', {aria: {hidden: 'true'}}, SIGNS[name]), h('b', number(counts[name])), ' ', tt(`state.${name}`));
    const held = document.activeElement?.dataset?.state;
    fill(this.states, STATES.filter((name) => counts[name] || this.asked.state === name).map(button));
    if (held) this.states.querySelector(`[data-state="${held}"]`)?.focus();
    const unplaced = this.rows.filter((thing) => thing.lat === null || thing.lat === undefined).length;
    const text = [w('count', {n: number(this.rows.length), all: number(this.sight.things.size)})];
    if (unplaced && this.asked.view === 'map') text.push(w('unplaced', {n: number(unplaced)}));
    if (this.sight.leftOut) text.push(w('left.out', {n: number(this.sight.leftOut)}));
    if (this.count.textContent !== text.join(' · ')) this.count.textContent = text.join(' · ');
  }

  changed({things, gone, described}) {
    if (!things.size && !gone.size) return;
    if (gone.size || described || this.asked.state || this.known !== this.sight.things.size) this.later();
    else this.list.refresh(things);
    if (!this.tallying) {
      this.tallying = setTimeout(() => { this.tallying = null; if (!this.gone) this.tally(); }, 1_000);
    }
    this.map?.refresh();
  }

  later() {
    this.waiting ??= setTimeout(() => { this.waiting = null; if (!this.gone) this.find(); }, 1_000);
  }

  nothing() {
    if (this.live.state === 'opening') return waiting(t('wait.town'));
    return this.sight.things.size ? empty(w('nothing'), w('nothing.do')) : empty(w('no.things'), w('no.things.do'));
  }

  open(id) {
    this.endDetail?.();
    this.detail.hidden = false;
    this.asked.thing = id;
    this.keep({...this.asked, view: this.asked.view === 'map' ? '' : this.asked.view});
    this.endDetail = showDetail(this.detail, this, id, () => {
      this.endDetail();
      this.endDetail = null;
      this.detail.hidden = true;
      this.ask({thing: ''});
      (this.list.node.querySelector(`[data-key="${CSS.escape(id)}"] button`) || this.views.firstElementChild).focus();
    });
    this.map?.draw();
  }

  takeDown() {
    this.gone = true;
    this.endDetail?.();
    for (const end of this.ends) end();
  }
}

export const page = {
  path: '/',
  title: () => w('title'),
  permission: 'read',
  mount(root, context) {
    const made = new TownPage(root, context);
    return () => made.takeDown();
  },
};
