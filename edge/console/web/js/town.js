/** What the console knows of the town: Maps by id that the live data keeps up to date. */

import {settle} from './units.js';

const KINDS = ['gateways', 'targets', 'alarms', 'things'];

export class Town {
  constructor() {
    this.mode = 'gateway';
    this.seq = '';
    this.at = null;
    this.link = {trouble: '', since: null};
    for (const kind of KINDS) this[kind] = new Map();
  }

  /** Take the whole, as `/api/v1/town` gives it. */
  replace(whole) {
    this.mode = whole.mode;
    this.seq = whole.seq;
    this.at = whole.at;
    settle(whole.at);
    this.leftOut = whole.left_out;
    this.link = whole.link || {trouble: '', since: null};
    for (const kind of KINDS) {
      this[kind] = new Map();
      set(this[kind], whole[kind]);
    }
  }

  /** Targets that can be chosen: which lamps a target has is known some time after the target itself. */
  offered() {
    return [...this.targets.values()].filter((one) => one.lamps);
  }

  /** Take a batch of changes; gives which ids changed: `{things, targets, alarms, gateways: Set, gone: Set}`, whether things were `described` anew and others are `offered`. */
  change(batch) {
    const before = batch.targets || batch.targets_gone ? names(this.offered()) : '';
    const changed = {gone: new Set(batch.gone || []), events: batch.events || [], commands: batch.commands || [], link: batch.link};
    if (batch.link) this.link = batch.link;
    for (const kind of KINDS) {
      const tables = batch[kind] ? [batch[kind]].flat() : [];
      changed[kind] = new Set(tables.flatMap((table) => set(this[kind], table)));
      if (kind === 'things') changed.described = tables.some((table) => table.columns.includes('lat'));
    }
    for (const id of batch.gone || []) this.things.delete(id);
    for (const id of batch.targets_gone || []) this.targets.delete(id);
    changed.offered = before !== (batch.targets || batch.targets_gone ? names(this.offered()) : '');
    for (const id of batch.alarms_over || []) {
      this.alarms.delete(id);
      changed.alarms.add(id);
    }
    return changed;
  }
}

const names = (records) => records.map((one) => one.id).join();

/** Set in each record the columns that a table has. */
function set(records, {columns, rows}) {
  const at = columns.indexOf('id');
  return rows.map((row) => {
    const id = row[at];
    let record = records.get(id);
    if (!record) records.set(id, record = {});
    for (let index = 0; index < columns.length; index += 1) record[columns[index]] = row[index];
    return id;
  });
}

/** Records of a table that a route of its own gives. */
export function records({columns, rows}) {
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
}
