/** Watches for new critical alarms on every page: badge in the title, and a sound once the person allowed it. */

import {sounds, ring} from './parts/sound.js';
import {place} from './parts/things.js';
import {now} from './units.js';
import table from './words/alarms.js';
import {words} from './words.js';

/** Whether an alarm wants somebody: nobody has seen it, and it is not silenced now, by the server's clock. */
export function wantsSomebody(alarm) {
  return !alarm.acknowledged && !(alarm.silenced_until && new Date(alarm.silenced_until) > now());
}

/** What an alarm says, of what, at which pole. */
function alarmWords(alarm, sight, t) {
  const thing = sight.things.get(`${alarm.gateway}/${alarm.device}`);
  return [`${t(alarm.kind)}: ${thing?.title || alarm.device}`, thing && place(thing)].filter(Boolean).join(' · ');
}

/** Starts watching; goes on for the life of the page. */
export function watchAlarms(live, sight, shell) {
  const t = words(table);
  let known = null;
  const look = () => {
    const critical = [...sight.alarms.values()].filter((one) => one.severity === 'alarm' && wantsSomebody(one));
    shell.badge(critical.length, 'alarms');
    const fresh = known === null ? [] : critical.filter((one) => !known.has(one.id));
    // All that stand are known, not only the loud: an alarm whose silence ends is not a new one.
    known = new Set(sight.alarms.keys());
    if (!fresh.length) return;
    shell.say(t('new', {what: fresh.map((one) => alarmWords(one, sight, t)).join(', ')}), 'bad');
    if (sounds()) ring();
  };
  live.on('whole', look);
  live.on('change', (changed) => { if (changed.alarms.size) look(); });
  setInterval(look, 30_000);
  if (sight.seq) look();
}
