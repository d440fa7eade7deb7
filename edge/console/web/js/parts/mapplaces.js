/** Where things lie on a map of any zoom: worked out once for a list of 20,000, then only moved and stretched. */

const TILE_PX = 256;

function x(lon) {
  return lon / 360 + 0.5;
}

function y(lat) {
  return 0.5 - Math.atanh(Math.sin((lat * Math.PI) / 180)) / (2 * Math.PI);
}

/** Whether it is known where a thing stands. */
export function placed(thing) {
  return thing.lat !== null && thing.lat !== undefined;
}

/** Things with their place on the whole world, 0 to 1 (spherical Mercator), and what belongs together by street and commune. */
export function layout(things) {
  const all = [];
  const lots = {street: new Map(), commune: new Map()};
  for (const thing of things) {
    if (!placed(thing)) continue;
    const at = {thing, x: x(thing.lon), y: y(thing.lat)};
    all.push(at);
    for (const kind of ['street', 'commune']) {
      const name = thing[kind] || thing.commune;
      if (!name) continue;
      // Two communes may each have a street of one name.
      const key = `${thing.commune}/${name}`;
      if (!lots[kind].has(key)) lots[kind].set(key, {name, points: []});
      lots[kind].get(key).points.push(at);
    }
  }
  const outlines = (kind) => [...lots[kind].values()].map(({name, points}) => ({name, around: hull(points), x: points.reduce((sum, at) => sum + at.x, 0) / points.length}));
  return {things, all, street: outlines('street'), commune: outlines('commune')};
}

/** How a map that shows Mercator turns places of a layout into pixels of its box: `px = place * scale + offset`. */
export function view(map) {
  const scale = TILE_PX * 2 ** map.getZoom();
  const centre = map.getCenter();
  const at = map.latLngToContainerPoint(centre);
  return {scale, x: at.x - x(centre.lng) * scale, y: at.y - y(centre.lat) * scale};
}

/** The thing nearest to a point in pixels, null beyond `far` pixels. */
export function nearest({all}, {scale, x: left, y: top}, point, far) {
  const [px, py] = [(point.x - left) / scale, (point.y - top) / scale];
  let best = (far / scale) ** 2;
  let found = null;
  for (const at of all) {
    const away = (at.x - px) ** 2 + (at.y - py) ** 2;
    if (away < best) { best = away; found = at.thing; }
  }
  return found;
}

/** The convex hull of points (Andrew's monotone chain): the same in all zooms. */
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
