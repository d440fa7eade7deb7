/** The town on a map: Leaflet for moving and zooming, one canvas for all things, a grid where there are no tiles. */

import {h} from '../dom.js';
import {t} from '../words.js';
import {layout, nearest as nearestOf, placed, view} from './mapplaces.js';
import {STATES, isLamp, shown as level, state} from './things.js';

const LIBRARY = '../../lib/leaflet/index.js';
const STYLE = new URL('../../lib/leaflet/css/leaflet.css', import.meta.url).href;
const NEAR_PX = 22;
/** After a painting the page has so many times as long for other things before it paints a change. */
const REST = 3;
const COLOURS = ['ink', 'soft', 'line', 'paper', 'card', 'lamp', 'lamp-glow', 'bad', 'bad-soft', 'warn', 'good', 'river', 'sunk'];

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
 * Gives `{draw, refresh, fit, remove, map}`: `things()` gives another list where others are to be shown; `refresh` is for changes of these.
 */
export function townMap(L, box, {things, chosen, pick, about, hint}) {
  const map = L.map(box, {zoomControl: false, attributionControl: Boolean(about.tiles), preferCanvas: true, zoomSnap: 0.5, maxZoom: 19, minZoom: 9});
  if (about.tiles) L.tileLayer(about.tiles, {attribution: plainText(about.tiles_credit || ''), maxZoom: 19}).addTo(map);
  L.control.zoom({zoomInTitle: t('zoom.in'), zoomOutTitle: t('zoom.out')}).addTo(map);
  L.control.scale({imperial: false}).addTo(map);
  const canvas = h('canvas.town-canvas', {aria: {hidden: 'true'}});
  map.getPanes().overlayPane.append(canvas);
  const tip = h('div.tip', {hidden: true});
  box.append(tip);
  let asked = false;
  let rest = 0;
  let laid = layout([]);

  /** Where all things lie: worked out anew when there are others. */
  const laidOut = () => {
    const now = things();
    if (laid.things !== now) laid = layout(now);
    return laid;
  };
  const paintNow = () => {
    asked = false;
    if (!box.isConnected) return;
    const began = performance.now();
    paint(L, map, canvas, laidOut(), chosen(), !about.tiles);
    rest = performance.now() + REST * (performance.now() - began);
  };
  const draw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(paintNow);
  };
  /** As `draw`, for what changed by itself: many changes do not take the page's time from who uses it. */
  const refresh = () => {
    const wait = rest - performance.now();
    if (wait <= 0) draw();
    else later ??= setTimeout(() => { later = null; draw(); }, wait);
  };
  let later = null;
  const nearest = (point) => nearestOf(laidOut(), view(map), point, NEAR_PX);
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
  return {map, draw, refresh, fit, remove: () => { clearTimeout(later); watch.disconnect(); removeEventListener('gianh-theme', draw); map.remove(); }};
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

function paint(L, map, canvas, laid, chosen, plain) {
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
  const text = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const radius = text * (zoom >= 17 ? 9 : zoom >= 15 ? 6.5 : zoom >= 13 ? 4.5 : 3);
  const {scale, x: left, y: top} = view(map);
  const seen = [];
  for (const {thing, x, y} of laid.all) {
    const at = {thing, x: x * scale + left, y: y * scale + top};
    if (at.x > -20 && at.y > -20 && at.x < size.x + 20 && at.y < size.y + 20) seen.push(at);
  }
  const write = plain ? places(pen, seen.length > MANY ? laid.commune : laid.street, seen.length <= MANY ? seen : [], size, {scale, left, top}, c, text) : () => {};
  // Troubles and what is chosen are drawn last, so that nothing hides them.
  const stamp = stamps(radius, c, ratio);
  const last = [];
  const taken = new Set();
  for (const at of seen) {
    const now = STATES.indexOf(state(at.thing));
    const picked = chosen.has(at.thing.id);
    // Where thousands lie over each other, one of a state for each half sign's width shows all.
    const cell = (now * CELLS + Math.round(at.x / radius) + 16) * CELLS + Math.round(at.y / radius) + 16;
    if (picked || LOUD.has(now)) last.push([at, now, picked]);
    else if (!taken.has(cell)) {
      taken.add(cell);
      stamp(pen, at, now, false);
    }
  }
  write();
  for (const [at, now, picked] of last) stamp(pen, at, now, picked);
}

const MANY = 400;
/** A name that would lie over more signs than this is left out: closer by there is room. */
const HIDDEN_MAX = 2;
const CELLS = 4096;
const LOUD = new Set(['failed', 'silent'].map((name) => STATES.indexOf(name)));
const DIMMED = STATES.indexOf('dimmed');

/** Draws signs by copying: each one that differs is drawn once. */
function stamps(radius, c, ratio) {
  const made = new Map();
  const half = radius + 8;
  return (pen, {thing, x, y}, now, chosen) => {
    const step = now === DIMMED ? Math.round(level(thing) / 5) : 0;
    const key = ((now * 2 + Number(isLamp(thing))) * 2 + Number(chosen)) * 32 + step;
    let stamp = made.get(key);
    if (!stamp) {
      stamp = h('canvas', {width: 2 * half * ratio, height: 2 * half * ratio});
      const own = stamp.getContext('2d');
      own.scale(ratio, ratio);
      sign(own, now === DIMMED ? {...thing, values: {...thing.values, level: step * 5}} : thing, {x: half, y: half}, radius, c, chosen);
      made.set(key, stamp);
    }
    pen.drawImage(stamp, x - half, y - half, 2 * half, 2 * half);
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

/** Streets (or communes, where there are many things) by name, with a soft hull behind what belongs together. `signs` are not written over where that is possible. Gives what writes the names. */
function places(pen, lots, signs, size, {scale, left, top}, c, text) {
  pen.lineJoin = pen.lineCap = 'round';
  const names = [];
  for (const lot of lots) {
    const around = lot.around.map((at) => ({x: at.x * scale + left, y: at.y * scale + top}));
    const [xs, ys] = [around.map((at) => at.x), around.map((at) => at.y)];
    const box = {left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
    if (box.right < 0 || box.left > size.x || box.bottom < 0 || box.top > size.y) continue;
    pen.beginPath();
    around.forEach((at, index) => (index ? pen.lineTo(at.x, at.y) : pen.moveTo(at.x, at.y)));
    pen.closePath();
    pen.strokeStyle = pen.fillStyle = c.sunk;
    pen.lineWidth = 34;
    if (signs.length) pen.stroke();
    pen.fill();
    names.push({name: lot.name, x: lot.x * scale + left, ys: [box.top - 26, box.bottom + 26 + 10 * text]});
  }
  return () => written(pen, names, signs, size, c, text);
}

function written(pen, names, signs, size, c, text) {
  pen.lineJoin = 'round';
  pen.font = `600 ${13 * text}px "Noto Sans", "Segoe UI", system-ui, "DejaVu Sans", sans-serif`;
  pen.textAlign = 'center';
  const taken = [];
  for (const {name, x, ys} of names) {
    const half = pen.measureText(name).width / 2 + 8;
    const middle = within(x, half, size.x - half);
    const hits = (y) => signs.filter((sign) => Math.abs(sign.x - middle) < half + 6 && Math.abs(sign.y - y + 5) < 18).length;
    const [over, under] = ys.map(hits);
    if (Math.min(over, under) > HIDDEN_MAX) continue;
    const at = {x: middle, y: within(over > under ? ys[1] : ys[0], 20, size.y - 8), half};
    if (taken.some((one) => Math.abs(one.x - at.x) < one.half + half && Math.abs(one.y - at.y) < 20 * text)) continue;
    taken.push(at);
    pen.strokeStyle = c.paper;
    pen.lineWidth = 4;
    pen.strokeText(name, at.x, at.y);
    pen.fillStyle = c.soft;
    pen.fillText(name, at.x, at.y);
  }
}

function within(value, low, high) {
  return Math.max(low, Math.min(high, value));
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
  if (now === 'failed' || now === 'silent') {
    pen.beginPath();
    pen.arc(x, y, r + 5, 0, 2 * Math.PI);
    pen.fillStyle = c['bad-soft'];
    pen.strokeStyle = c.bad;
    pen.fill();
    pen.stroke();
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
