/**
 * Charts: a thin wrapper on ECharts. Canvas, tooltips as rich text (the policy of the page forbids styles in
 * markup), colours that hold for colour-blind people on light and dark, gaps as gaps, and beside each chart a
 * table for screen readers. Without the library the table is shown to everybody, with a sentence.
 */

import {t} from '../words.js';

const LIBRARY = '../../lib/echarts/index.js';

const AHEAD_MS = 7 * 3_600_000; // Viet Nam keeps one time all year; axes are drawn in it wherever the browser is

const LIGHT = ['#0072b2', '#d55e00', '#007a5a', '#a6548a', '#8a6d00', '#3c3c3c'];
const DARK = ['#56b4e9', '#ff9e4a', '#3fd0a4', '#e79fc8', '#f0e442', '#dddddd'];
const [KEY_PX, GAP_PX] = [28, 12];
const DASHES = ['solid', 'dashed', 'dotted', [8, 3, 2, 3], [2, 6], [12, 4]];

let library = null;

function loaded() {
  library ??= import(LIBRARY).then((found) => found.echarts, () => null);
  return library;
}

/** Whether the page is dark now. */
export function isDark() {
  const said = document.documentElement.dataset.theme;
  return said === 'dark' || (said !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}

/** What charts are drawn with now. */
export function looks() {
  const dark = isDark();
  const root = getComputedStyle(document.documentElement);
  return {
    dark,
    colours: dark ? DARK : LIGHT,
    ink: dark ? '#e6eaee' : '#1c2733',
    soft: dark ? '#9fb0bf' : '#5a6a78',
    line: dark ? '#33424f' : '#d5dde3',
    paper: dark ? '#16212b' : '#ffffff',
    text: 0.78 * Number.parseFloat(root.fontSize),
    family: root.fontFamily, // by name: a canvas does not know what to inherit, and would write 10 px
  };
}

/**
 * Puts a chart into `host`. `draw(looks)` gives ECharts' options, anew for each change of theme; `table` is
 * `{caption, head, rows}` for screen readers; `label` is what the picture shows. Gives `{update(draw, table), end()}`.
 */
export function chart(host, {draw, table, label, tall}) {
  const picture = document.createElement('div');
  picture.className = `chart-picture${tall ? ' chart-tall' : ''}`;
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', label);
  const beside = document.createElement('div');
  beside.className = 'hidden';
  host.replaceChildren(picture, beside);
  const state = {draw, table, chart: null, over: false, wide: 0};
  tabulate(beside, table);

  const paint = () => {
    const now = {...looks(), wide: picture.clientWidth};
    state.wide = now.wide;
    const options = state.draw(now);
    picture.style.setProperty('--more', `${options.grid ? Math.max(0, options.grid.top - 40) : 0}px`);
    state.chart?.resize();
    state.chart?.setOption({...common(now), ...options}, true);
  };
  const watcher = new ResizeObserver(() => {
    state.chart?.resize();
    if (picture.clientWidth !== state.wide) paint();
  });
  const themes = new MutationObserver(paint);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  loaded().then((echarts) => {
    if (state.over) return;
    if (!echarts) {
      picture.remove();
      beside.className = 'chart-instead';
      const words = document.createElement('p');
      words.textContent = t('assets.missing');
      beside.prepend(words);
      return;
    }
    state.chart = echarts.init(picture, null, {renderer: 'canvas'});
    paint();
    watcher.observe(picture);
    themes.observe(document.documentElement, {attributeFilter: ['data-theme']});
    scheme.addEventListener('change', paint);
  });
  return {
    update(newDraw, newTable) {
      state.draw = newDraw;
      state.table = newTable;
      tabulate(beside, newTable);
      paint();
    },
    end() {
      state.over = true;
      watcher.disconnect();
      themes.disconnect();
      scheme.removeEventListener('change', paint);
      state.chart?.dispose();
      state.chart = null;
    },
  };
}

function common(now) {
  return {
    animation: false,
    useUTC: true,
    color: now.colours,
    textStyle: {fontFamily: now.family, color: now.ink},
    grid: {left: 8, right: 16, top: 40, bottom: 8, containLabel: true},
    tooltip: {
      trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: now.paper, borderColor: now.line,
      textStyle: {color: now.ink, fontSize: now.text + 1},
    },
    aria: {enabled: false},
  };
}

/** Lines over time. `lines` are `{name, values}`, null where there is a gap; `unit` and `tick(value)` stand on the axis. */
export function timeLines({ends, lines, unit, number, tick, moment, from, to}) {
  const shift = AHEAD_MS;
  return (now) => ({
    legend: {show: lines.length > 1, top: 0, left: 0, itemWidth: KEY_PX, itemGap: GAP_PX, textStyle: {color: now.ink, fontSize: now.text}},
    grid: {...common(now).grid, top: 28 + now.text + (lines.length > 1 ? keyRows(lines, now) * 2 * now.text : 0)},
    xAxis: {
      type: 'time', min: from + shift, max: to + shift,
      axisLine: {lineStyle: {color: now.soft}},
      axisLabel: {color: now.soft, fontSize: now.text, hideOverlap: true, formatter: {day: '{dd}/{MM}', hour: '{HH}:{mm}', month: '{dd}/{MM}', year: '{dd}/{MM}'}},
      splitLine: {show: false},
    },
    yAxis: {
      type: 'value', name: unit, scale: true, nameTextStyle: {color: now.soft, fontSize: now.text, align: 'left'}, nameGap: 14,
      axisLabel: {color: now.soft, fontSize: now.text, formatter: tick},
      splitLine: {lineStyle: {color: now.line}},
    },
    tooltip: {
      ...common(now).tooltip,
      formatter: (rows) => [
        moment(rows[0].value[0] - shift),
        ...rows.map((row) => `${row.seriesName}: ${row.value[1] == null ? '–' : `${number(row.value[1])} ${unit}`}`),
      ].join('\n'),
    },
    series: lines.map((line, at) => ({
      type: 'line', name: line.name, showSymbol: ends.length < 4, connectNulls: false, emphasis: {disabled: true},
      lineStyle: {width: 2, type: DASHES[at % DASHES.length]},
      data: ends.map((end, place) => [end + shift, line.values[place]]),
    })),
  });
}

/** How many rows the names of lines take above a chart. */
function keyRows(lines, now) {
  let rows = 1;
  let used = 0;
  for (const {name} of lines) {
    const wide = KEY_PX + 5 + GAP_PX + 0.56 * now.text * name.length;
    if (used && used + wide > now.wide) { rows += 1; used = 0; }
    used += wide;
  }
  return rows;
}

/** Columns, each with a colour and a name of its own: `bars` are `{name, value, colour, said}`. */
export function columns({bars, unit, number, labels}) {
  return (now) => ({
    xAxis: {
      type: 'category', data: bars.map((bar) => bar.name), axisTick: {show: false},
      axisLine: {lineStyle: {color: now.soft}}, axisLabel: {color: now.soft, fontSize: now.text, hideOverlap: true},
    },
    yAxis: {
      type: 'value', name: unit, min: 0, nameTextStyle: {color: now.soft, fontSize: now.text, align: 'left'}, nameGap: 14,
      axisLabel: {color: now.soft, fontSize: now.text, formatter: (value) => number(value)},
      splitLine: {lineStyle: {color: now.line}},
    },
    tooltip: {
      ...common(now).tooltip, axisPointer: {type: 'shadow'},
      formatter: ([row]) => bars[row.dataIndex].said,
    },
    series: [{
      type: 'bar', barMaxWidth: 36, barCategoryGap: '25%',
      label: {show: Boolean(labels), position: 'top', color: now.ink, fontSize: now.text - 1}, labelLayout: {hideOverlap: true},
      data: bars.map((bar) => ({
        value: bar.value,
        itemStyle: {color: bar.colour ?? now.colours[0], borderColor: now.soft, borderWidth: bar.colour ? 1 : 0},
      })),
    }],
  });
}

/** A wind rose: `sectors` names, `classes` names, `shares[class][sector]` in percent. */
export function rose({sectors, classes, shares, number}) {
  return (now) => ({
    polar: {radius: '68%', center: ['50%', '46%']},
    legend: {bottom: 0, textStyle: {color: now.ink, fontSize: now.text}, itemWidth: 16, icon: 'rect'},
    angleAxis: {
      type: 'category', data: sectors, startAngle: 90 + 180 / sectors.length, boundaryGap: true,
      axisLabel: {color: now.ink, fontSize: now.text, interval: 0, formatter: (name, at) => (at % 2 ? '' : name)},
      axisLine: {lineStyle: {color: now.line}}, axisTick: {show: false}, splitLine: {show: false},
    },
    radiusAxis: {
      min: 0, axisLabel: {color: now.soft, formatter: (value) => `${number(value)} %`},
      splitLine: {lineStyle: {color: now.line}}, axisLine: {show: false}, axisTick: {show: false},
    },
    tooltip: {
      ...common(now).tooltip, trigger: 'item',
      formatter: (row) => `${row.name}\n${row.seriesName}: ${number(row.value)} %`,
    },
    series: classes.map((name, at) => ({
      type: 'bar', coordinateSystem: 'polar', stack: 'wind', name, data: shares[at],
      itemStyle: {color: steps(now)[at % 5], borderColor: now.paper, borderWidth: 0.5},
    })),
  });
}

function steps(now) {
  return now.dark ? ['#2a5674', '#3b86a8', '#68b6c8', '#a5dbd5', '#f0f7d4'] : ['#b3d9e8', '#6fb3d2', '#3886b5', '#1d5b8f', '#0d2f57'];
}

/** Fills a box with a table, by which the chart can be heard. */
function tabulate(box, {caption, head, rows}) {
  const table = document.createElement('table');
  table.createCaption().textContent = caption;
  const top = table.createTHead().insertRow();
  for (const name of head) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    top.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((text, at) => {
      const cell = document.createElement(at ? 'td' : 'th');
      if (!at) cell.scope = 'row';
      cell.textContent = text;
      line.append(cell);
    });
  }
  box.replaceChildren(table);
}

/** Rows for the table of a long line: mean, least and greatest by stretches of time. */
export function summarised({ends, lines, stretchMs, number, moment, none}) {
  const groups = new Map();
  ends.forEach((end, at) => {
    const key = Math.floor((end - 1) / stretchMs);
    groups.set(key, [...(groups.get(key) ?? []), at]);
  });
  return [...groups].map(([key, places]) => [
    moment(key * stretchMs),
    ...lines.map((line) => {
      const values = places.map((at) => line.values[at]).filter((value) => value != null);
      if (!values.length) return none;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return `${number(mean)} (${number(Math.min(...values))}–${number(Math.max(...values))})`;
    }),
  ]);
}
