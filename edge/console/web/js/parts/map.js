/** The town on a map: Leaflet for moving and zooming, one canvas for all things, a grid where there are no tiles. */

import {h} from '../dom.js';
import {isLamp, shown as level, state} from './things.js';

const LIBRARY = '/web/lib/leaflet/index.js';
const STYLE = '/web/lib/leaflet/css/leaflet.css';
const NEAR_PX = 22;
const COLOURS = ['ink', 'soft', 'line', 'paper', 'card', 'lamp', 'lamp-glow', 'bad', 'warn', 'good', 'river', 'sunk'];

let library = null;

/** Leaflet, null where it is not installed. */
export function leaflet() {
  library ??= import(LIBRARY).then((module) => {
    document.head.append(h('link', {rel: 'stylesheet', href: STYLE}));
    return module.leaflet;
  }).catch(() => null);
  return library;
}

/**
 * A map in `box`. `things()` are those to show, `chosen()` ids that are marked, `pick(thing)` is told of a click.
 * Gives `{draw, fit, remove, map}`.
 */
export function townMap(L, box, {things, chosen, pick, about, hint}) {
  const map = L.map(box, {zoomControl: true, attributionControl: Boolean(about.tiles), preferCanvas: true, zoomSnap: 0.5, maxZoom: 19, minZoom: 9});
  if (about.tiles) L.tileLayer(about.tiles, {attribution: plainText(about.tiles_credit || ''), maxZoom: 19}).addTo(map);
  L.control.scale({imperial: false}).addTo(map);
  const canvas = h('canvas.town-canvas', {aria: {hidden: 'true'}});
  map.getPanes().overlayPane.append(canvas);
  const tip = h('div.tip', {hidden: true});
  box.append(tip);
  let asked = false;

  const draw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; if (box.isConnected) paint(L, map, canvas, things(), chosen(), !about.tiles); });
  };
  const nearest = (point) => {
    let found = null;
    let best = NEAR_PX * NEAR_PX;
    for (const thing of things()) {
      if (!placed(thing)) continue;
      const at = map.latLngToContainerPoint([thing.lat, thing.lon]);
      const far = (at.x - point.x) ** 2 + (at.y - point.y) ** 2;
      if (far < best) { best = far; found = thing; }
    }
    return found;
  };
  map.on('move zoomend resize', draw);
  map.on('click', (event) => { const thing = nearest(event.containerPoint); if (thing) pick(thing); });
  map.on('mousemove', (event) => {
    const thing = nearest(event.containerPoint);
    box.classList.toggle('pointing', Boolean(thing));
    tip.hidden = !thing;
    if (!thing) return;
    tip.textContent = hint(thing);
    tip.style.left = `${event.containerPoint.x + 14}px`;
    tip.style.top = `${event.containerPoint.y + 14}px`;
  });
  map.on('mouseout', () => { tip.hidden = true; });
  addEventListener('gianh-theme', draw);
  const watch = new ResizeObserver(() => map.invalidateSize({pan: false}));
  watch.observe(box);

  const fit = () => {
    const shown = [...things()].filter(placed);
    if (!shown.length) return false;
    map.fitBounds(L.latLngBounds(shown.map((thing) => [thing.lat, thing.lon])).pad(0.08), {maxZoom: 17, animate: false});
    draw();
    return true;
  };
  map.setView([17.7556, 106.4231], 13);
  fit();
  return {map, draw, fit, remove: () => { watch.disconnect(); removeEventListener('gianh-theme', draw); map.remove(); }};
}

function placed(thing) {
  return thing.lat !== null && thing.lat !== undefined;
}

/** Leaflet takes attributions for markup: this is text. */
function plainText(text) {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** The page's colours as a canvas needs them: light-dark() resolved. */
function colours(box) {
  const probe = h('i');
  box.append(probe);
  const found = Object.fromEntries(COLOURS.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
  return found;
}

function paint(L, map, canvas, things, chosen, plain) {
  const size = map.getSize();
  const ratio = devicePixelRatio || 1;
  canvas.width = size.x * ratio;
  canvas.height = size.y * ratio;
  canvas.style.width = `${size.x}px`;
  canvas.style.height = `${size.y}px`;
  L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  const c = colours(canvas.parentElement);
  if (plain) grid(map, pen, size, c);
  const zoom = map.getZoom();
  const radius = zoom >= 17 ? 9 : zoom >= 15 ? 6.5 : zoom >= 13 ? 4.5 : 3;
  const seen = [];
  for (const thing of things) {
    if (!placed(thing)) continue;
    const at = map.latLngToContainerPoint([thing.lat, thing.lon]);
    if (at.x > -20 && at.y > -20 && at.x < size.x + 20 && at.y < size.y + 20) seen.push([thing, at]);
  }
  if (plain) places(pen, seen, c);
  // Troubles and what is chosen are drawn last, so that nothing hides them.
  const stamp = stamps(radius, c, ratio);
  const last = [];
  const taken = new Set();
  for (const one of seen) {
    const [thing, at] = one;
    const now = state(thing);
    if (chosen.has(thing.id) || LOUD.has(now)) last.push(one);
    else if (isNew(taken, now, at, radius)) stamp(pen, thing, at, false);
  }
  for (const [thing, at] of last) stamp(pen, thing, at, chosen.has(thing.id));
}

const LOUD = new Set(['failed', 'silent']);
/** Whether nothing like it is there yet: where thousands lie over each other, one for each half sign's width shows all. */
function isNew(taken, now, at, radius) {
  const cell = `${now} ${Math.round(at.x / radius)} ${Math.round(at.y / radius)}`;
  if (taken.has(cell)) return false;
  taken.add(cell);
  return true;
}

/** Draws signs by copying: each one that differs is drawn once. */
function stamps(radius, c, ratio) {
  const made = new Map();
  const half = radius + 8;
  return (pen, thing, at, chosen) => {
    const now = state(thing);
    const step = now === 'dimmed' ? Math.round(level(thing) / 5) * 5 : 0;
    const key = `${now} ${isLamp(thing)} ${step} ${chosen}`;
    let stamp = made.get(key);
    if (!stamp) {
      stamp = h('canvas', {width: 2 * half * ratio, height: 2 * half * ratio});
      const own = stamp.getContext('2d');
      own.scale(ratio, ratio);
      sign(own, now === 'dimmed' ? {...thing, values: {...thing.values, level: step}} : thing, {x: half, y: half}, radius, c, chosen);
      made.set(key, stamp);
    }
    pen.drawImage(stamp, at.x - half, at.y - half, 2 * half, 2 * half);
  };
}

/** Parallels and meridians with a step that suits the zoom. */
function grid(map, pen, size, c) {
  const bounds = map.getBounds();
  const wide = bounds.getEast() - bounds.getWest();
  const step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((one) => wide / one < 9) || 2;
  pen.strokeStyle = c.line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let lon = Math.ceil(bounds.getWest() / step) * step; lon < bounds.getEast(); lon += step) {
    const {x} = map.latLngToContainerPoint([bounds.getSouth(), lon]);
    pen.moveTo(x, 0);
    pen.lineTo(x, size.y);
  }
  for (let lat = Math.ceil(bounds.getSouth() / step) * step; lat < bounds.getNorth(); lat += step) {
    const {y} = map.latLngToContainerPoint([lat, bounds.getWest()]);
    pen.moveTo(0, y);
    pen.lineTo(size.x, y);
  }
  pen.stroke();
}

/** Streets (or communes, where there are many things) by name, with a soft hull behind what belongs together. */
function places(pen, seen, c) {
  const key = seen.length > 400 ? 'commune' : 'street';
  const lots = new Map();
  for (const [thing, at] of seen) {
    const name = thing[key] || thing.commune;
    if (!name) continue;
    if (!lots.has(name)) lots.set(name, []);
    lots.get(name).push(at);
  }
  pen.lineJoin = pen.lineCap = 'round';
  for (const points of lots.values()) {
    const around = hull(points);
    pen.beginPath();
    around.forEach((at, index) => (index ? pen.lineTo(at.x, at.y) : pen.moveTo(at.x, at.y)));
    pen.closePath();
    pen.strokeStyle = pen.fillStyle = c.sunk;
    pen.lineWidth = 34;
    if (key === 'street') pen.stroke();
    pen.fill();
  }
  pen.font = '600 13px "Noto Sans", "Segoe UI", system-ui, "DejaVu Sans", sans-serif';
  pen.textAlign = 'center';
  const taken = [];
  for (const [name, points] of lots) {
    const x = points.reduce((sum, at) => sum + at.x, 0) / points.length;
    const y = Math.min(...points.map((at) => at.y)) - 26;
    const wide = pen.measureText(name).width / 2 + 8;
    if (taken.some((one) => Math.abs(one.x - x) < one.wide + wide && Math.abs(one.y - y) < 20)) continue;
    taken.push({x, y, wide});
    pen.strokeStyle = c.paper;
    pen.lineWidth = 4;
    pen.strokeText(name, x, y);
    pen.fillStyle = c.soft;
    pen.fillText(name, x, y);
  }
}

/** The convex hull of points (Andrew's monotone chain). */
function hull(points) {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (list) => {
    const kept = [];
    for (const p of list) {
      while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), p) <= 0) kept.pop();
      kept.push(p);
    }
    kept.pop();
    return kept;
  };
  return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())];
}

function turn(a, b, p) {
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/** One thing: lamps are round and as full as they shine, everything else is square; troubles have a sign of their own. */
function sign(pen, thing, {x, y}, r, c, chosen) {
  const now = state(thing);
  const lamp = isLamp(thing);
  pen.lineWidth = r > 5 ? 2 : 1.25;
  const outline = () => {
    pen.beginPath();
    if (lamp) pen.arc(x, y, r, 0, 2 * Math.PI);
    else pen.rect(x - r, y - r, 2 * r, 2 * r);
  };
  if (chosen) {
    pen.beginPath();
    pen.arc(x, y, r + 5, 0, 2 * Math.PI);
    pen.fillStyle = c.river;
    pen.fill();
  }
  outline();
  pen.fillStyle = now === 'failed' ? c.bad : now === 'lit' ? c['lamp-glow'] : now === 'fine' ? c.river : c.card;
  pen.fill();
  if (now === 'dimmed') {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, r, -Math.PI / 2, -Math.PI / 2 + (2 * Math.PI * level(thing)) / 100);
    pen.closePath();
    pen.fillStyle = c['lamp-glow'];
    pen.fill();
  }
  outline();
  pen.strokeStyle = now === 'failed' ? c.bad : now === 'silent' ? c.bad : lamp && now !== 'off' ? c.lamp : c.soft;
  if (now === 'silent') pen.setLineDash([3, 2]);
  pen.stroke();
  pen.setLineDash([]);
  if (now !== 'failed' && now !== 'silent') return;
  const arm = r * 0.5;
  pen.strokeStyle = now === 'failed' ? c.card : c.bad;
  pen.beginPath();
  pen.moveTo(x - arm, y - arm);
  pen.lineTo(x + arm, y + arm);
  if (now === 'failed') {
    pen.moveTo(x + arm, y - arm);
    pen.lineTo(x - arm, y + arm);
  }
  pen.stroke();
}
