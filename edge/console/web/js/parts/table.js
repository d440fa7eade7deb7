/** A table that shows a page of its rows at a time: 20,000 lamps stay quick, and a reader can count pages. */

import {fill, h} from '../dom.js';
import {t} from '../words.js';
import {number} from '../units.js';
import {empty} from './wait.js';

const PER_PAGE = 50;

/**
 * `columns`: `{title, cell(row), align: 'end'?, phone: false?, kind?}`; by its kind a phone puts a cell elsewhere. `key(row)` names a row; `mark(row, tr)` may dress it.
 * Gives `{node, show(rows), refresh(ids)}`: `refresh` draws anew those rows that are on the page.
 */
export function table({caption, columns, key, mark = () => {}, perPage = PER_PAGE, nothing = () => empty()}) {
  let rows = [];
  let page = 0;
  const body = h('tbody');
  const none = h('div');
  const nav = h('nav.paging', {aria: {label: caption}});
  const grid = h('table', h('caption.hidden', caption),
    h('thead', h('tr', columns.map((one) => h('th', {scope: 'col', class: css(one)}, one.title)))), body);
  const node = h('div.table', h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: caption}}, grid), none, nav);

  const line = (row) => {
    const tr = h('tr', {data: {key: key(row)}}, columns.map((one) => h('td', {class: css(one), data: {title: one.title}}, one.cell(row))));
    mark(row, tr);
    return tr;
  };
  const draw = () => {
    const pages = Math.max(1, Math.ceil(rows.length / perPage));
    page = Math.min(page, pages - 1);
    fill(body, rows.slice(page * perPage, (page + 1) * perPage).map(line));
    grid.hidden = !rows.length;
    fill(none, rows.length ? null : nothing());
    nav.hidden = pages === 1;
    fill(nav, turn(-1, t('page.before'), page > 0), h('span', {role: 'status'}, t('page.of', {n: number(page + 1), all: number(pages)})),
      turn(1, t('page.after'), page < pages - 1));
  };
  const turn = (by, text, on) => h('button', {
    type: 'button', disabled: !on, data: {by},
    onclick: () => { page += by; draw(); (nav.querySelector(`[data-by="${by}"]:not(:disabled)`) || nav.querySelector('button:not(:disabled)'))?.focus(); },
  }, text);

  return {
    node,
    show(next) { rows = next; draw(); },
    refresh(ids) {
      const byKey = new Map(rows.slice(page * perPage, (page + 1) * perPage).map((row) => [key(row), row]));
      for (const tr of [...body.children]) {
        const row = byKey.get(tr.dataset.key);
        if (row && ids.has(tr.dataset.key) && !tr.contains(document.activeElement)) tr.replaceWith(line(row));
      }
    },
  };
}

function css({align, phone, kind}) {
  return [align === 'end' ? 'end' : '', phone === false ? 'wide-only' : '', kind ? `cell-${kind}` : ''].filter(Boolean).join(' ') || null;
}
