/** Which lamps: groups and circuits, a list with search, or the map; one set of ids for all three. */

import {fill, h} from '../../dom.js';
import {number} from '../../units.js';
import {t, words} from '../../words.js';
import table from '../../words/lighting.js';
import {awayChip, awayNote, gatewayName} from '../../parts/away.js';
import {leaflet, townMap} from '../../parts/map.js';
import {lightWords, stateChip, targetLevel, tt} from '../../parts/signs.js';
import {byId, findable, isLamp, main, place, plain, state} from '../../parts/things.js';
import {table as grid} from '../../parts/table.js';
import {waiting} from '../../parts/wait.js';

const w = words(table);
const WAYS = ['groups', 'lamps', 'map'];

export class Chooser {
  constructor(context, changed) {
    Object.assign(this, context);
    this.told = changed;
    this.chosen = new Set((context.params.choose || '').split(',').filter(Boolean));
    this.ways = h('div.quick', {role: 'group', aria: {label: w('choose.how')}}, WAYS.map((name) =>
      h('button', {type: 'button', data: {way: name}, onclick: () => this.show(name)}, w(name))));
    this.panel = h('div');
    this.summary = h('div.chosen', {aria: {live: 'polite'}});
    this.away = awayNote(this.sight, this.live);
    this.node = h('div', this.away.node, this.summary, this.ways, this.panel);
    this.lists = {groups: this.groupList(), lamps: this.lampList()};
    this.off = this.live.onEach({whole: () => this.fresh(), offered: () => this.fresh(), change: (changed) => this.changed(changed)});
    this.show([...this.chosen].some((id) => this.sight.things.has(id)) ? 'lamps' : 'groups');
  }

  groupList() {
    return grid({
      caption: w('groups'), key: (target) => target.id, perPage: 25,
      columns: [
        {title: w('column.target'), cell: (target) => this.targetTick(target)},
        {title: w('column.now'), cell: (target) => awayChip(this.sight, target.id) ?? targetLevel(target), align: 'end', kind: 'value'},
        {title: w('column.source'), cell: lightWords, kind: 'more'},
        {title: w('column.lamps'), cell: (target) => [tt('lamps', {n: number(target.lamps)}), ' ', target.failed ? h('span.chip.bad', tt('lamps.failed', {n: target.failed})) : null], align: 'end', kind: 'count'},
      ],
    });
  }

  lampList() {
    return grid({
      caption: w('lamps'), key: (thing) => thing.id, perPage: 25,
      columns: [
        {title: w('column.lamp'), cell: (thing) => this.tick(thing.id, thing.title || thing.id, [place(thing), gatewayName(this.sight, thing.id)].filter(Boolean).join(' · '))},
        {title: w('column.state'), cell: stateChip, kind: 'more'},
        {title: w('column.now'), cell: main, align: 'end', kind: 'value'},
        {title: w('column.source'), cell: lightWords, kind: 'more'},
      ],
    });
  }

  /** What a target is called in a list; the whole of a gateway has no name of its own. */
  named(target) {
    return target.kind === 'gateway' ? `${tt('kind.gateway')} ${target.title}`.trim() : target.title;
  }

  /** A target to choose; of the whole gateway the name says its kind. */
  targetTick(target) {
    const whole = target.kind === 'gateway';
    const title = whole ? [tt('kind.gateway'), ' ', h('span.whole', target.title)] : target.title;
    return this.tick(target.id, title, [whole ? '' : tt(`kind.${target.kind}`), gatewayName(this.sight, target.id)].filter(Boolean).join(' · '));
  }

  tick(id, title, about) {
    const box = h('input', {type: 'checkbox', checked: this.chosen.has(id), data: {id}, onchange: () => this.choose(id, box.checked)});
    return h('label.tick', box, h('span', h('strong', title), about ? h('small', about) : null));
  }

  choose(id, on) {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
    this.summed();
    this.map?.draw();
  }

  summed() {
    const chip = (id) => {
      const known = this.sight.targets.get(id) || this.sight.things.get(id);
      const name = [(known?.kind ? this.named(known) : known?.title) || id, gatewayName(this.sight, id)].filter(Boolean).join(' · ');
      return h('button.chip', {type: 'button', aria: {label: w('chosen.remove', {name})}, onclick: () => { this.choose(id, false); this.fresh(); }}, name, ' ×');
    };
    const ids = [...this.chosen];
    fill(this.summary, ids.length ? [h('strong', `${w('chosen')}: ${number(ids.length)}`), ids.slice(0, 12).map(chip), ids.length > 12 ? '…' : null,
      h('button.quiet', {type: 'button', onclick: () => { this.chosen.clear(); this.fresh(); }}, w('chosen.clear'))] : h('p.soft', w('chosen.none')));
    this.told();
  }

  lamps() {
    const wanted = plain(this.query || '').split(/\s+/).filter(Boolean);
    return [...this.sight.things.values()].filter((thing) => isLamp(thing) && wanted.every((one) => findable(thing).includes(one))).sort(byId);
  }

  fresh() {
    const order = {segment: 1, group: 0, gateway: 2};
    this.lists.groups.show(this.sight.offered()
      .sort((a, b) => order[a.kind] - order[b.kind] || a.title.localeCompare(b.title, 'vi') || byId(a, b)));
    this.rows = this.lamps();
    this.lists.lamps.show(this.rows);
    this.summed();
    this.map?.draw();
  }

  changed({things, targets, gateways, gone, described}) {
    if (gone.size || gateways.size || described) this.fresh();
    if (things.size) this.lists.lamps.refresh(things);
    if (targets.size) this.lists.groups.refresh(targets);
    this.map?.refresh();
  }

  show(way) {
    this.map?.remove();
    this.map = null;
    this.way = way;
    for (const button of this.ways.children) button.setAttribute('aria-pressed', String(button.dataset.way === way));
    if (way === 'groups') fill(this.panel, this.lists.groups.node);
    else fill(this.panel, this.tools(), way === 'lamps' ? this.lists.lamps.node : this.mapBox());
    this.fresh();
  }

  tools() {
    const search = h('input', {type: 'search', value: this.query || '', oninput: () => { this.query = search.value; this.fresh(); all.textContent = text(); this.map?.fit(); }});
    const text = () => w('choose.all', {n: number(this.lamps().length)});
    const all = h('button', {type: 'button', onclick: () => { for (const lamp of this.lamps()) this.chosen.add(lamp.id); this.fresh(); }}, text());
    return h('div.row', h('label.grow', h('span', w('find')), search), all);
  }

  mapBox() {
    const box = h('div.map.small', {role: 'region', aria: {label: w('map')}}, waiting(w('map')));
    leaflet().then((L) => {
      if (!box.isConnected) return;
      if (!L) { fill(box, h('p.note.warn', t('assets.missing'))); return; }
      fill(box);
      this.map = townMap(L, box, {
        things: () => this.rows, chosen: () => this.chosen, about: this.about, pick: (thing) => this.choose(thing.id, !this.chosen.has(thing.id)),
        hint: (thing) => `${thing.title || thing.id}: ${tt(`state.${state(thing)}`)}, ${main(thing)}`,
      });
      this.map.draw();
    });
    return [h('p.soft', w('map.how')), box];
  }

  takeDown() {
    this.off();
    this.away.ends();
    this.map?.remove();
  }
}
