/** A sound made by the browser itself, without a file; off until the person allowed it, which is remembered. */

const KEY = 'gianh.sound';
const NOTES = [[880, 0], [660, 0.22], [880, 0.44]];
const NOTE_S = 0.18;

let audio = null;

/** Whether the person allowed sound. */
export function sounds() {
  return localStorage.getItem(KEY) === 'on';
}

/** Allow sound, or not; called by a click, since browsers let nothing sound before one. */
export function allow(yes) {
  localStorage.setItem(KEY, yes ? 'on' : 'off');
  if (yes) ring();
}

/** Sound three notes. Gives whether the browser let it: before the first click it does not. */
export async function ring() {
  audio ??= new AudioContext();
  await audio.resume().catch(() => {});
  if (audio.state !== 'running') return false;
  for (const [pitch, after] of NOTES) {
    const at = audio.currentTime + after;
    const tone = new OscillatorNode(audio, {frequency: pitch});
    const loud = new GainNode(audio, {gain: 0});
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.25, at + 0.02);
    loud.gain.linearRampToValueAtTime(0, at + NOTE_S);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + NOTE_S + 0.02);
  }
  return true;
}
