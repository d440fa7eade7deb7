/** The plan while somebody changes it: times as people say them, days as people write them, names nobody needs to invent. */

/** A copy that may be changed. */
export function copy(plan) {
  return JSON.parse(JSON.stringify(plan));
}

const SUN = /^(sunset|sunrise)(?:([+-])(\d+[hms](?:\d+[hms])*))?$/;
const UNIT_MIN = {h: 60, m: 1, s: 1 / 60};

/** `sunset-10m` as `{kind: 'sunset', side: 'before', value: '10'}`, `22:30` as `{kind: 'clock', value: '22:30'}`. */
export function told(at) {
  const sun = SUN.exec(at.replaceAll(' ', ''));
  if (!sun) return {kind: 'clock', value: at};
  const minutes = [...(sun[3] || '').matchAll(/(\d+)([hms])/g)].reduce((sum, one) => sum + Number(one[1]) * UNIT_MIN[one[2]], 0);
  return {kind: sun[2] === '-' && minutes ? `${sun[1]}-` : sun[1], value: String(Math.round(minutes * 100) / 100)};
}

/** The other way round; what is no number of minutes goes as it is, and the gateway says what is wrong with it. */
export function written(kind, value) {
  const text = value.trim();
  if (kind === 'clock') return /^\d:\d\d$/.test(text) ? `0${text}` : text.replace('.', ':').replace(/^(\d{1,2})[hg](\d\d)$/, '$1:$2');
  const minutes = Number(text.replace(',', '.') || 0);
  const sign = kind.endsWith('-') ? '-' : '+';
  const sun = kind.replace('-', '');
  if (minutes === 0) return sun;
  return Number.isInteger(minutes) ? `${sun}${sign}${minutes}m` : `${sun}${sign}${text}`;
}

/** A new step in the middle of the night, where nothing is yet. */
export function fresh(steps) {
  const taken = new Set(steps.map((one) => one.at));
  const at = ['22:00', '23:00', '00:00', '04:00', '05:00', '21:00', '20:00', '01:00', '02:00', '03:00'].find((one) => !taken.has(one)) || '22:30';
  return {at, level: 50, operation: 'set'};
}

/** Where a step of that time belongs among others: sunset, evening, after midnight, sunrise. */
export function place(steps, at) {
  const rank = (one) => {
    const {kind, value} = told(one);
    if (kind === 'sunset' || kind === 'sunset-') return kind === 'sunset' ? 17.7 + Number(value) / 60 : 17.7 - Number(value) / 60;
    if (kind !== 'clock') return kind === 'sunrise' ? 30 + Number(value) / 60 : 30 - Number(value) / 60;
    const [hours, minutes] = value.split(':').map(Number);
    return (hours < 12 ? hours + 24 : hours) + minutes / 60;
  };
  const found = steps.findIndex((one) => rank(one.at) > rank(at));
  return found < 0 ? steps.length : found;
}

/** `2027-02-05` as `05/02/2027`, `12-20` as `20/12`; what is no day stays as it is. */
export function day(text) {
  const found = /^(?:(\d{4})-)?(\d\d)-(\d\d)$/.exec(text.trim());
  return found ? `${found[3]}/${found[2]}${found[1] ? `/${found[1]}` : ''}` : text;
}

/** The other way round. */
export function dayWritten(text) {
  const found = /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?$/.exec(text.trim());
  if (!found) return text.trim();
  const two = (one) => one.padStart(2, '0');
  return `${found[3] ? `${found[3]}-` : ''}${two(found[2])}-${two(found[1])}`;
}

/** `from..to` as its two days; a single day is both. */
export function spanTold(text) {
  const [first, last] = (text || '').split('..');
  return [day(first), last === undefined ? day(first) : day(last)];
}

/** Two days as `from..to`; without a second one it is one day. */
export function spanWritten(first, last) {
  const [from, to] = [dayWritten(first), dayWritten(last)];
  if (!from && !to) return null;
  return !to || from === to ? from : `${from}..${to}`;
}

/** An id made of what a person calls it, which none of `taken` has. */
export function named(title, taken, otherwise) {
  const plain = title.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D').toLowerCase();
  const base = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 28).replace(/-+$/, '') || otherwise;
  for (let nth = 1; ; nth += 1) {
    const name = nth === 1 ? base : `${base}-${nth}`;
    if (!taken.includes(name)) return name;
  }
}

/** Which calendar a target follows in a draft: its own, else what the gateway says it follows by others. */
export function followed(plan, target, targets) {
  const own = plan.assignment.find((one) => one.target === target.id)?.calendar;
  if (own) return own;
  const was = targets.find((one) => one.id === target.id);
  const wide = plan.assignment.find((one) => one.target === targets.find((other) => other.kind === 'gateway')?.id)?.calendar;
  return (was && !was.own && was.follows) || wide || null;
}
