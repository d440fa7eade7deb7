/** Field: for a phone at the pole. This gateway's buses and devices, and what can be done with each. */

import {only, placed} from '../panels/afar.js';
import {fill, h} from '../dom.js';
import {device} from '../panels/field_device.js';
import {kept} from '../parts/panel.js';
import {saidText} from '../parts/said.js';
import {empty} from '../parts/wait.js';
import {ago, number, percent, span} from '../units.js';
import table from '../words/field.js';
import {words} from '../words.js';

const NOW_S = 10;
const t = words(table);

export const page = {path: '/field', title: () => t('title'), permission: 'read', mount: placed(mount, only('field'))};

function mount(root, context) {
  const search = h('input', {type: 'search', value: context.params.find ?? '', aria: {label: t('find')}, placeholder: t('find'), oninput: () => draw()});
  const only = h('input', {type: 'checkbox', onchange: () => draw()});
  const state = h('div'), list = h('div.field-buses');
  let field = null, opened = context.params.device ?? null, shown = null, sought = Boolean(opened);
  root.append(h('h1', t('title')));

  function open(id) {
    opened = opened === id ? null : id;
    context.keep({device: opened, find: search.value});
    draw();
  }

  function draw() {
    const wanted = search.value.trim().toLocaleLowerCase();
    const fits = (one) => [one.id, one.title, one.model.vi, one.model.en, one.pole, one.street].some((text) => text?.toLocaleLowerCase().includes(wanted)) && (!only.checked || one.online === false);
    if (shown && shown.id !== opened) { shown.end(); shown = null; }
    const found = field.buses.map((bus) => [bus, bus.devices.filter(fits).sort(silentFirst)]).filter(([bus, devices]) => devices.length || (!wanted && !only.checked) || !bus.open);
    const focused = document.activeElement?.id;
    fill(list, found.length ? found.map(([bus, devices]) => busCard(bus, devices)) : empty(t('nothing')));
    if (sought) document.getElementById(`device-${opened}`)?.scrollIntoView({block: 'center'});
    sought = false;
    if (focused) document.getElementById(focused)?.focus({preventScroll: true});
  }

  function busCard(bus, devices) {
    const silent = bus.devices.filter((one) => one.online === false).length;
    return h('section.card', {data: {bus: bus.id}},
      h('div.panel-bar', h('h2', bus.id), h('span.chips', silent ? h('span.chip.bad', `▲ ${t('of_them', {n: number(silent)})}`) : null, h(`span.chip.${bus.open ? 'good' : 'bad'}`, bus.open ? `✓ ${t('bus_open')}` : `▲ ${t('bus_shut')}`))),
      h('p.soft.small.line', `${bus.kind} · ${bus.line} · ${t('devices', {n: number(bus.devices.length)})}`),
      bus.trouble ? h('p.note.bad', saidText(bus.said, bus.trouble)) : null,
      h('dl.counts', [['use', percent(bus.utilisation * 100)], ['requests', number(bus.requests)], ['errors', number(bus.errors)], ['timeouts', number(bus.timeouts)], ['skipped', number(bus.skipped)]]
        .map(([key, value]) => h('div', h('dt', t(key)), h('dd', value)))),
      h('ul.devices', devices.map((one) => row(one))));
  }

  function row(one) {
    const isOpen = one.id === opened;
    const [kind, text] = one.online === null ? ['', t('not_yet')] : one.online ? ['good', `✓ ${t('answers')}`] : ['bad', `▲ ${t('silent')}`];
    const place = [one.pole ? t('pole', {pole: one.pole}) : '', one.street].filter(Boolean).join(', ');
    const head = h('button.device', {type: 'button', id: `device-${one.id}`, aria: {expanded: String(isOpen)}, onclick: () => open(one.id)},
      h('span.device-name', h('strong', one.title || one.id), h('small.soft', [one.title ? one.id : '', place].filter(Boolean).join(' · '))),
      h('span.device-state', h(`span.chip${kind ? `.${kind}` : ''}`, text), h('small.soft', one.last_at ? t('last', {ago: ago(one.last_at, new Date(field.at))}) : t('never'))));
    if (isOpen && !shown) shown = device(context, one, t, () => loading.again());
    else if (isOpen) shown.update(one);
    return h('li', head, isOpen ? shown.node : null);
  }

  function show(found, body) {
    field = found;
    if (!body.contains(list)) {
      fill(body, state, h('div.row.field-find', h('div.grow', search), h('label.check', only, ' ', t('trouble_only'))), list,
        h('section.card', h('h2', t('commission')), h('p', t('commission_say')),
          context.who.may('commission') ? h('a.button.primary', {href: '/commission'}, t('commission_go')) : null));
    }
    const notes = [!found.clock_set ? h('p.note.warn', t('clock_unset')) : null, found.ready ? null : h('p.note.bad', `${t('not_ready')}: ${saidText(found.not_ready_said, found.not_ready.join('; '))}`)];
    fill(state, h('p', h('strong', found.gateway), ` · Gianh ${found.version} · ${t('running', {span: span(found.uptime_s)})} · ${t('pending', {n: number(found.pending)})}`), notes);
    if (!found.buses.length) fill(list, empty(t('no_bus'), t('no_bus_do')));
    else draw();
  }

  const loading = kept(root, {what: t('title'), load: () => context.api.get('/api/v1/field'), show, everyS: NOW_S});
  return () => {
    loading.end();
    shown?.end();
  };
}

/** What is silent stands first: that is what somebody came for. */
function silentFirst(a, b) {
  return Number(b.online === false) - Number(a.online === false);
}
