/** What things of the town are, and in which state: the same words and signs on map, list and detail. */

import {NONE, percent, quantity} from '../units.js';

export const CLASSES = ['lamp', 'feeder', 'cabinet', 'air', 'weather', 'meter', 'wifi_ap'];

/** States with the sign that stands beside their colour. */
export const SIGNS = {lit: '●', dimmed: '◐', off: '○', failed: '✕', silent: '?', fine: '■', unknown: '·'};

export const STATES = ['lit', 'dimmed', 'off', 'failed', 'silent', 'fine', 'unknown'];

/** Whether a thing gives light. */
export function isLamp(thing) {
  return thing.class === 'lamp' || thing.class === 'feeder';
}

/** The level that a lamp shows: read back where it can be, else what it shall have; of a silent one only what was read. */
export function shown(thing) {
  return thing.values?.level ?? (thing.online === false ? null : thing.level ?? null);
}

/** In which state a thing is. A lamp's failure is also known by its power: it stands as an alarm then. */
export function state(thing) {
  if (thing.online === false) return 'silent';
  if (thing.values?.lamp_failure || (isLamp(thing) && thing.alarm === 'alarm')) return 'failed';
  if (!isLamp(thing)) return thing.online === null ? 'unknown' : 'fine';
  const level = shown(thing);
  if (level === null) return 'unknown';
  return level < 1 ? 'off' : level < 99 ? 'dimmed' : 'lit';
}

/** How things are counted by state. */
export function counted(things) {
  const counts = Object.fromEntries(STATES.map((name) => [name, 0]));
  for (const thing of things) counts[state(thing)] += 1;
  return counts;
}

/** Vietnamese without its marks, so that `hung vuong` finds Hùng Vương. */
export function plain(text) {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').toLowerCase();
}

const found = new WeakMap();

/** Everything by which a thing is found; kept for each, since 20,000 are searched at every key. */
export function findable(thing) {
  const said = [thing.id, thing.title, thing.pole, thing.street, thing.commune, thing.site, ...(thing.groups || [])].join(' ');
  const kept = found.get(thing);
  if (kept?.said === said) return kept.text;
  const text = plain(said);
  found.set(thing, {said, text});
  return text;
}

const orders = new Map();

/** By what ids are put in order: numbers with zeros before them. Kept, since 20,000 are put in order at once. */
function orderOf(id) {
  let found = orders.get(id);
  if (found === undefined) orders.set(id, found = id.replace(/\d+/g, (digits) => digits.padStart(9, '0')));
  return found;
}

/** The order of ids: lamp-2 before lamp-10. */
export function byId(a, b) {
  const one = orderOf(a.id);
  const other = orderOf(b.id);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Where it stands, in short. */
export function place(thing) {
  return [thing.pole, thing.street].filter(Boolean).join(' · ') || thing.commune || '';
}

const GASES = [['co', 'CO'], ['no2', 'NO₂'], ['o3', 'O₃'], ['so2', 'SO₂']];

/** The one value that tells most of a thing. */
export function main(thing) {
  const values = thing.values || {};
  if (isLamp(thing)) return percent(shown(thing));
  if (values.aqi !== undefined) return `AQI ${quantity(values.aqi)}`;
  if (values.pm2_5 !== undefined) return `PM2.5 ${quantity(values.pm2_5, 'µg/m³')}`;
  if (values.active_power !== undefined) return quantity(values.active_power, 'W');
  if (values.temperature !== undefined) return quantity(values.temperature, '°C', 1);
  if (values.wind_speed !== undefined) return quantity(values.wind_speed, 'm/s', 1);
  if (values.clients !== undefined) return quantity(values.clients);
  const gas = GASES.find(([name]) => values[name] !== undefined);
  return gas ? `${gas[1]} ${quantity(values[gas[0]], 'µg/m³')}` : NONE;
}
