/** What the panels share: amounts, shares, bytes, and how a page's data is loaded, kept fresh and let go. */

import {fill, h} from '../dom.js';
import {clock, NONE} from '../units.js';
import table from '../words/panel.js';
import {language, words} from '../words.js';
import {empty, failure, waiting} from './wait.js';

const t = words(table);

/** One of both languages of what the API says in both. */
export function said(text) {
  return text?.[language()] ?? '';
}

/** An amount with as many digits as it deserves: three that count, thousands whole. */
export function amount(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const digits = Math.abs(value) >= 1000 ? {maximumFractionDigits: 0} : {maximumSignificantDigits: 3};
  return new Intl.NumberFormat(language() === 'en' ? 'en-GB' : 'vi-VN', digits).format(value);
}

/** A value on an axis: as it is, since rounded neighbours would be called the same. */
export function tick(value) {
  return new Intl.NumberFormat(language() === 'en' ? 'en-GB' : 'vi-VN', {maximumFractionDigits: 4}).format(value);
}

/** A share (0 to 1) in percent; what is not whole is never shown as whole, nor what is some as none. */
export function share(part) {
  const value = part >= 1 ? 100 : Math.min(Math.round(part * 100), 99);
  return `${part > 0 && value === 0 ? '< 1' : value}\u202f%`;
}

/** Bytes, in steps of 1000. */
export function bytes(value) {
  if (value === null || value === undefined) return NONE;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  while (value >= 1000 && at < units.length - 1) { value /= 1000; at += 1; }
  return `${amount(value)}\u202f${units[at]}`;
}

/** A table with its heads; `rows` are arrays of cells, the first of which names the row; `kind` dresses it. */
export function grid(caption, heads, rows, kind = '') {
  return h('div.table-scroll', {tabindex: '0', role: 'region', aria: {label: caption}}, h('table', {class: kind || null}, h('caption.hidden', caption),
    h('thead', h('tr', heads.map((one) => h('th', {scope: 'col'}, one)))),
    h('tbody', rows.map(([first, ...rest]) => h('tr', h('th.name', {scope: 'row'}, first), rest.map((one, nth) => h('td', {data: {title: heads[nth + 1]}}, one)))))));
}

/**
 * Loads data, shows it in `host`, and loads it again every `everyS` seconds while the page can be seen.
 * Where the server does not know the route (the centre has no buses) that is said.
 * Gives `{again(), end()}`.
 */
export function kept(host, {what, load, show, everyS}) {
  const banner = h('div', {role: 'status'});
  const body = h('div', waiting(what));
  host.append(banner, body);
  let over = false, timer = null, since = null;
  const turn = async () => {
    clearTimeout(timer);
    try {
      const data = await load();
      if (over) return;
      if (since === null) fill(body);
      since = Date.now();
      fill(banner);
      show(data, body);
    } catch (error) {
      if (!over) failed(error);
    }
    if (!over) timer = setTimeout(turn, everyS * 1000);
  };
  const failed = (error) => {
    if (since === null) fill(body, error.status === 404 ? empty(t('elsewhere')) : failure(error, turn));
    else fill(banner, h('p.note.bad', t('stale', {since: clock(since, true)}), ' ', error.message, ' ', h('button', {type: 'button', onclick: turn}, t('retry'))));
  };
  const seen = () => { if (!document.hidden && since !== null && Date.now() - since > everyS * 1000) turn(); };
  document.addEventListener('visibilitychange', seen);
  turn();
  return {again: turn, end() { over = true; clearTimeout(timer); document.removeEventListener('visibilitychange', seen); }};
}
