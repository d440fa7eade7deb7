/** Lighting: command lamps and see what became of it; what is to be repaired; who commanded what. */

import {fill, h} from '../dom.js';
import {words} from '../words.js';
import table from '../words/lighting.js';
import {CommandTab} from './lighting/command.js';
import {faultsTab} from './lighting/faults.js';
import {historyTab} from './lighting/history.js';
import {tonightTab} from './lighting/tonight.js';
import {failure, waiting} from '../parts/wait.js';

const w = words(table);
const TABS = {command: (root, context) => new CommandTab(root, context).ends, tonight: tonightTab, plan: later(() => import('./lighting/plan.js'), 'planTab'),
  energy: later(() => import('./lighting/energy.js'), 'energyTab'), faults: faultsTab, history: historyTab, past: later(() => import('./lighting/past.js'), 'pastTab')};

/** A tab whose code comes when somebody opens it. */
function later(load, name) {
  return (root, context) => {
    let end = () => {};
    let over = false;
    fill(root, waiting(w('title')));
    load().then((found) => {
      if (over) return;
      fill(root);
      end = found[name](root, context) || (() => {});
    }).catch((error) => { if (!over) fill(root, failure(error)); });
    return () => { over = true; end(); };
  };
}

export const page = {
  path: '/lighting',
  title: () => w('title'),
  permission: 'read',
  mount(root, context) {
    let takeDown = () => {};
    const panel = h('section', {id: 'tab-panel', role: 'tabpanel'});
    const tabs = h('div.tabs.no-print', {role: 'tablist', aria: {label: w('title')}}, Object.keys(TABS).map((name) =>
      h('button', {type: 'button', role: 'tab', id: `tab-${name}`, data: {tab: name}, aria: {controls: 'tab-panel'}, onclick: () => show(name)}, w(`tab.${name}`))));
    const show = (name) => {
      takeDown();
      for (const tab of tabs.children) {
        const on = tab.dataset.tab === name;
        tab.setAttribute('aria-selected', String(on));
        tab.tabIndex = on ? 0 : -1;
      }
      tabs.querySelector('[aria-selected=true]').scrollIntoView({block: 'nearest', inline: 'center'});
      panel.setAttribute('aria-labelledby', `tab-${name}`);
      fill(panel);
      context.keep({...context.params, tab: name === 'command' ? '' : name});
      takeDown = TABS[name](panel, context);
    };
    tabs.addEventListener('keydown', (event) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (!step) return;
      const all = [...tabs.children];
      const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
      next.focus();
      show(next.dataset.tab);
    });
    root.append(h('h1', w('title')), tabs, panel);
    show(context.params.tab in TABS ? context.params.tab : 'command');
    return () => takeDown();
  },
};
