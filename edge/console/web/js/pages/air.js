/** Air: what an officer would leave on a wall. */

import {placed, things} from '../panels/afar.js';
import {charts} from '../panels/air_charts.js';
import {flags, limits, standing} from '../panels/air_now.js';
import {reporting} from '../panels/air_report.js';
import {fill, h} from '../dom.js';
import {kept} from '../parts/panel.js';
import {empty} from '../parts/wait.js';
import table from '../words/air.js';
import {words} from '../words.js';

const NOW_S = 30;

export const page = {path: '/air', title: () => words(table)('title'), permission: 'read', mount: placed(mount, things('air', ['station', 'air']))};

function mount(root, context) {
  const t = words(table);
  const choice = h('div', {class: 'panel-choice'});
  const now = h('div', {class: 'air-now'});
  const past = h('div', {});
  const paper = h('section', {class: 'card'});
  const head = h('header', {class: 'panel-head'}, h('h1', {}, t('title')), choice);
  root.append(head);
  let chosen = context.params?.station ?? null;
  let drawn = null;
  const parts = {past: null};

  const choose = (id) => {
    chosen = id;
    context.keep({station: id});
    loading.again();
  };

  function show(air, body) {
    if (!air.stations.length) {
      fill(body, empty(t('no_station'), t('no_station_do')));
      return;
    }
    const station = air.stations.find((one) => one.id === chosen) ?? air.stations[0];
    fill(choice, air.stations.length > 1 && h('label', {}, t('station'), ' ', h('select', {onchange: (event) => choose(event.target.value)},
      air.stations.map((one) => h('option', {value: one.id, selected: one.id === station.id}, one.title)))));
    if (!body.contains(now)) fill(body, now, past, paper);
    fill(now, h('div', standing(station, air, t), flags(station, t)), limits(station, t));
    if (drawn !== station.id) {
      drawn = station.id;
      parts.past?.end();
      parts.past = charts(past, context, station, air.legend, t);
      fill(paper, reporting(context, station, t));
    }
  }

  const loading = kept(root, {what: t('title'), load: () => context.api.get('/api/v1/town/air'), show, everyS: NOW_S});
  return () => {
    loading.end();
    parts.past?.end();
  };
}
