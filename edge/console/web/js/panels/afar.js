/** What the centre can show of a panel: what gateways say over MQTT; the rest is at the gateway, and that is said. */

import {fill, h} from '../dom.js';
import {grid, kept} from '../parts/panel.js';
import {said} from '../parts/said.js';
import {empty, waiting} from '../parts/wait.js';
import {ago, moment, quantity} from '../units.js';
import table from '../words/afar.js';
import {label, words} from '../words.js';

const NOW_S = 30;
const SHOWN_MAX = 60;
const t = words(table);

/** A page's `mount`: `near` on a gateway, `far` at the centre; which one it is the first answer of the town says. */
export function placed(near, far) {
  return (root, context) => {
    const {sight, live} = context;
    let end = () => {}, ends = [];
    const leave = () => {
      for (const one of ends) one();
      ends = [];
    };
    const begin = () => {
      leave();
      fill(root);
      end = (sight.mode === 'centre' ? far : near)(root, context) || (() => {});
    };
    if (sight.at !== null) begin();
    else {
      root.append(waiting(t('where')));
      ends = [live.on('whole', begin), live.on('state', (state) => { if (state === 'lost') begin(); })];
    }
    return () => {
      leave();
      end();
    };
  };
}

/** The things of some classes with all of their values; `what` names the page's title and sentences in this table. */
export function things(what, classes) {
  return (root, context) => {
    const {api, sight} = context;
    root.append(h('h1', t(`${what}_title`)), h('p.note', t(`${what}_say`)));
    const load = async () => {
      const all = [...sight.things.values()].filter((one) => classes.includes(one.class));
      const order = (one) => classes.indexOf(one.class);
      all.sort((one, other) => order(one) - order(other) || one.title.localeCompare(other.title));
      const found = await Promise.all(all.slice(0, SHOWN_MAX).map((one) => api.get(`/api/v1/town/things/${one.id}`)));
      return {found, all: all.length};
    };
    const show = ({found, all}, body) => fill(body, found.length ? [
      all > found.length ? h('p.soft', t('more', {n: found.length, all})) : null,
      h('div.panel-two', found.map(card)),
    ] : empty(t(`${what}_none`), t(`${what}_none_do`)));
    const loading = kept(root, {what: t(`${what}_title`), load, show, everyS: NOW_S});
    return () => loading.end();
  };
}

function card(one) {
  const known = one.values.filter((value) => value.value !== null);
  const state = one.online === false ? h('span.chip.bad', `▲ ${t('silent')}`) : null;
  return h('section.card', {data: {thing: one.id}}, h('div.panel-bar', h('h2', one.title || one.device), state),
    h('p.soft.small', [one.gateway, one.street, one.last_at ? t('last', {ago: ago(one.last_at)}) : t('never')].filter(Boolean).join(' · ')),
    known.length ? h('dl.panel-values', known.map((value) => [h('dt', label(value)), h('dd', quantity(value.value, value.unit), value.quality === 'good' ? null : h('small.soft', ` ${t('doubted')}`))]))
      : h('p', t('no_values')));
}

/** Who did what, as far as this console heard it since its start. */
export function heard(root, context) {
  root.append(h('h1', t('audit_title')), h('p.note', t('audit_say')));
  const show = ({since, events}, body) => fill(body, h('p.soft', t('since', {at: moment(since)})), events.length
    ? grid(t('audit_title'), [t('when'), t('gateway'), t('who'), t('did')], events.map((one) => [one.at ? moment(one.at, true) : '–', one.gateway, one.fields.by || one.fields.user || '–', h('span', h('strong', one.subject), ' ', said(one.said, one.text))]), 'heard')
    : empty(t('audit_none')));
  const loading = kept(root, {what: t('audit_title'), load: () => context.api.get('/api/v1/town/audit'), show, everyS: NOW_S});
  return () => loading.end();
}

/** A page that the gateway alone has. */
export function only(what) {
  return (root) => { root.append(h('h1', t(`${what}_title`)), empty(t(`${what}_say`), t('only_do'))); };
}
