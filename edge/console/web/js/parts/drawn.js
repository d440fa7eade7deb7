/** Pictures drawn for the width they have, so that their text is as large on a phone as on a wall. */

import {h} from '../dom.js';

const LEAST_PX = 240;

/** A box with what `paint(width)` draws, anew when it becomes wider or narrower; widths in units of 16 px text. */
export function drawn(paint) {
  const box = h('div.drawn');
  let shown = 0;
  new ResizeObserver(([{contentRect}]) => {
    const text = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const width = Math.max(LEAST_PX, Math.round(contentRect.width / text));
    if (!contentRect.width || width === shown) return;
    shown = width;
    box.replaceChildren(paint(width));
  }).observe(box);
  return box;
}

/** Hours of the local day that stand under an axis, at most one for each `apart` ms: Viet Nam keeps +07:00 all year. */
export function hours(from, to, apart) {
  const step = [1, 2, 3, 4, 6, 12].map((one) => one * HOUR_MS).find((one) => one >= apart) || 24 * HOUR_MS;
  const found = [];
  for (let at = Math.ceil((from + AHEAD_MS) / step) * step - AHEAD_MS; at <= to; at += step) found.push(at);
  return found;
}

/** Round values from nothing to at least `most`, about `about` of them. */
export function rounds(most, about) {
  const size = 10 ** Math.floor(Math.log10(most / about));
  const step = size * [1, 2, 5, 10].find((one) => one * size * about >= most * 0.999);
  return Array.from({length: Math.ceil(most / step - 1e-9) + 1}, (_, nth) => nth * step);
}

const HOUR_MS = 3_600_000;
const AHEAD_MS = 7 * HOUR_MS;
