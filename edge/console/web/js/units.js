/** Numbers, units and times as people here read them: decimal comma in Vietnamese, time of Asia/Ho_Chi_Minh. */

import {language, t} from './words.js';

const ZONE = 'Asia/Ho_Chi_Minh';
export const NONE = '–';

const made = new Map();

let ahead = 0;

/** Take the server's time for what is now: a phone's clock, or a simulated day, may be elsewhere. */
export function settle(at) {
  ahead = at ? new Date(at).getTime() - Date.now() : 0;
}

/** What the server's clock says now, in ms. */
export function now() {
  return Date.now() + ahead;
}

function formatter(key, make) {
  const name = `${language()} ${key}`;
  if (!made.has(name)) made.set(name, make(language() === 'vi' ? 'vi-VN' : 'en-GB'));
  return made.get(name);
}

/** A number: `number(1234.5, 1)` is `1.234,5` in Vietnamese. */
export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  const options = {minimumFractionDigits: digits, maximumFractionDigits: digits};
  return formatter(`n${digits}`, (tag) => new Intl.NumberFormat(tag, options)).format(value);
}

/** A value with its unit, with as many digits as its size deserves. */
export function quantity(value, unit = '', digits = null) {
  if (value === null || value === undefined) return NONE;
  const size = Math.abs(value);
  const enough = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const text = number(value, digits ?? enough);
  return unit ? `${text}\u202f${language() === 'vi' ? unit.replace('.', ',') : unit}` : text;
}

/** A level of light. */
export function percent(value) {
  return value === null || value === undefined ? NONE : `${number(value)}\u202f%`;
}

function parts(at) {
  const options = {
    timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    second: '2-digit', hourCycle: 'h23',
  };
  const found = formatter('time', () => new Intl.DateTimeFormat('en-GB', options)).formatToParts(new Date(at));
  return Object.fromEntries(found.map((one) => [one.type, one.value]));
}

/** `28/11/2026` */
export function date(at) {
  if (!at) return NONE;
  const p = parts(at);
  return `${p.day}/${p.month}/${p.year}`;
}

/** `2026-11-28`, the local day, as the API takes days. */
export function isoDay(at = now()) {
  const p = parts(at);
  return `${p.year}-${p.month}-${p.day}`;
}

/** `20:14`, with seconds where they matter. */
export function clock(at, seconds = false) {
  if (!at) return NONE;
  const p = parts(at);
  return seconds ? `${p.hour}:${p.minute}:${p.second}` : `${p.hour}:${p.minute}`;
}

/** `28/11/2026 20:14` */
export function moment(at, seconds = false) {
  return at ? `${date(at)} ${clock(at, seconds)}` : NONE;
}

/** The time alone if it is today's, else with its date. */
export function short(at) {
  if (!at) return NONE;
  return date(at) === date(now()) ? clock(at) : moment(at);
}

/** How long ago, in words. */
export function ago(at, from = now()) {
  return at ? t('ago', {span: span((from - new Date(at)) / 1000)}) : NONE;
}

/** A length of time in words, from seconds. */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t('span.s', {n: number(s)});
  if (s < 5400) return t('span.min', {n: number(Math.round(s / 60))});
  if (s < 172_800) return t('span.h', {n: number(s / 3600, s % 3600 && s < 36_000 ? 1 : 0)});
  return t('span.d', {n: number(Math.round(s / 86_400))});
}
