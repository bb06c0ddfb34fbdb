"use strict";
// The table, the charts and the pages of runs. Texts become text nodes or attributes, never markup.

const data = JSON.parse(document.getElementById("data").textContent);
const everyRun = data.runs.map((_, place) => place);
const column = (name) => data.columns.find((each) => each.name === name);
const idColumn = column("info.logger.log_id");
const COLOURS = 7, MANY = 40;

// ---- elements

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}
const html = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

// ---- values

function cell(column, run) {
  const code = column.codes ? column.codes[run] : 0;
  return code < 0 ? undefined : column.values[code];
}
const isNumeric = (column) => column.values.every((value) => typeof value === "number" || value === "None");
const text = (value) => (value === undefined ? "" : String(value));

function digits(value, count = 4) {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(count)));
}

// Numbers before texts, and what is missing last, whichever way is up.
function compare(one, other, upwards) {
  const rank = (value) => (value === undefined ? 2 : typeof value === "number" ? 0 : 1);
  if (rank(one) !== rank(other)) return rank(one) - rank(other);
  if (one === other || one === undefined) return 0;
  return (one < other ? -1 : 1) * (upwards ? 1 : -1);
}

// ---- the table

const COMPARISONS = {
  "=": (a, b) => a === b, "!=": (a, b) => a !== b,
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
};

// "wide lr<0.1 status=FAILED": every word is in the row, and every comparison holds.
function filter(words) {
  const tests = words.split(/\s+/).filter(Boolean).map(test);
  return (run) => tests.every((holds) => holds(run));
}

function test(word) {
  const [, name, sign, wanted] = /^(.+?)(<=|>=|!=|=|<|>)(.+)$/.exec(word) || [];
  const compared = name && data.columns.find((each) => each.label === name || each.label.endsWith("." + name));
  if (compared) {
    return (run) => {
      const value = cell(compared, run), number = Number(wanted);
      if (value === undefined) return sign === "!=";
      if (typeof value === "number" && !Number.isNaN(number)) return COMPARISONS[sign](value, number);
      return COMPARISONS[sign](text(value).toLowerCase(), wanted.toLowerCase());
    };
  }
  const sought = word.toLowerCase(), columns = data.columns.filter((each) => each.in_table);
  return (run) => columns.some((each) => text(cell(each, run)).toLowerCase().includes(sought));
}

const table = { words: "", sorted: null, upwards: true, all: false, listed: everyRun };

function runTable() {
  const search = html("input", {
    type: "search", placeholder: "words, or lr<0.1 status=FAILED", "aria-label": "filter runs",
    oninput: () => { table.words = search.value; list(); },
  });
  const all = html("input", { type: "checkbox", onchange: () => { table.all = all.checked; head(); list(); } });
  const count = html("span", { class: "hint", id: "count" });
  const heads = html("tr"), body = html("tbody");
  let columns = [], rows = [];

  function head() {
    columns = data.columns.filter((each) => table.all || each.in_table);
    rows = [];
    heads.replaceChildren(...columns.map((each) => html("th",
      { class: isNumeric(each) ? "number" : "", "aria-sort": each === table.sorted && (table.upwards ? "ascending" : "descending") },
      html("button", { onclick: () => sort(each) }, each.label))));
  }
  function sort(by) {
    table.upwards = by === table.sorted ? !table.upwards : true;
    table.sorted = by;
    head();
    list();
    heads.children[columns.indexOf(by)].firstChild.focus();
  }
  function list() {
    const by = table.sorted;
    table.listed = everyRun.filter(filter(table.words));
    if (by) table.listed.sort((a, b) => compare(cell(by, a), cell(by, b), table.upwards) || a - b);
    body.replaceChildren(...table.listed.map((run) => (rows[run] ||= tableRow(run, columns))));
    count.textContent = `${table.listed.length} of ${data.runs.length} runs`;
    document.dispatchEvent(new Event("listed"));
  }
  head();
  document.getElementById("runs").append(
    html("div", { class: "bar" }, search, count, html("label", {}, all, " all columns")),
    html("div", { class: "wide" }, html("table", { class: "runs" }, html("thead", {}, heads), body)));
  list();
}

function tableRow(run, columns) {
  return html("tr", {}, ...columns.map((each) =>
    html("td", { class: isNumeric(each) ? "number" : "", title: text(cell(each, run)) }, shownCell(each, run))));
}

function shownCell(each, run) {
  const value = cell(each, run);
  if (each === idColumn) return html("a", { href: `#run=${value}` }, text(value));
  return each.name === "info.status" ? status(value) : text(value);
}
const status = (value) => html("span", { class: "status", "data-status": text(value) }, text(value));

// ---- charts

const WIDTH = 460, HEIGHT = 250, LEFT = 58, RIGHT = 12, TOP = 10, BOTTOM = 40;
const look = (number) => `c${number % COLOURS} d${Math.floor(number / COLOURS) % 4}`;
const key = (number) => svg("svg", { class: `key ${look(number)}`, viewBox: "0 0 26 10" },
  svg("line", { x1: 0, x2: 26, y1: 5, y2: 5, class: look(number) }));

function charts() {
  if (!data.charts.length) {
    document.getElementById("charts").append(html("p", {}, "No run has logged any numbers."));
    return;
  }
  const choices = [...data.groupings, `each listed run (${MANY} at most)`];
  const by = html("select", { "aria-label": "group by", onchange: draw },
    ...choices.map((label, place) => html("option", { value: place }, label)));
  const logY = html("input", { type: "checkbox", onchange: draw });
  const band = html("select", { "aria-label": "band", onchange: draw },
    ...Object.entries(BANDS).map(([name, label]) => html("option", { value: name, selected: name === data.band }, label)));
  const legend = html("ul", { class: "legend" }), grid = html("div", { class: "grid" });

  function draw() {
    const choice = Number(by.value), ofRuns = choice === data.groupings.length;
    const drawn = data.charts.map((chart) => (ofRuns ? runSeries(chart) : groupSeries(chart, choice)));
    const labels = [...new Set(drawn.flat().map((series) => series.label))];
    for (const series of drawn.flat()) series.look = labels.indexOf(series.label);
    legend.replaceChildren(...labels.map((label, place) => html("li", {}, key(place), label)));
    grid.replaceChildren(...data.charts.map((chart, place) => plot(chart, drawn[place], logY.checked)));
  }
  const runSeries = (chart) => table.listed.slice(0, MANY).filter((run) => chart.curves[run]).map((run) => ofRun(chart, run));
  const groupSeries = (chart, choice) =>
    chart.groupings[choice].map((group) => ({ ...group, ...banded(group, band.value), x: chart.x }));
  document.addEventListener("listed", () => { if (Number(by.value) === data.groupings.length) draw(); });
  document.getElementById("charts").append(
    html("div", { class: "bar" }, html("label", {}, "means by ", by), html("label", {}, "with ", band),
      html("label", {}, logY, " log scale")),
    legend, grid);
  draw();
}

const BANDS = { std: "± standard deviation", sem: "± standard error", ci: "95% interval", none: "no band" };

// The band that is wanted, from one standard deviation around the mean; none where a single value has none.
function banded(group, wanted) {
  const half = group.middle.map((mean, place) => {
    if (mean === null || group.high[place] === null) return null;
    const deviation = group.high[place] - mean, freedom = group.counts[place] - 1;
    if (wanted === "std") return deviation;
    if (wanted === "none" || freedom < 1) return null;
    return (deviation / Math.sqrt(freedom)) * (wanted === "ci" ? student(freedom) : 1);
  });
  const beside = (sign) => half.map((each, place) => (each === null ? null : group.middle[place] + sign * each));
  return { low: beside(-1), high: beside(1) };
}

// Beyond the table by the first terms of the series around the normal quantile.
const student = (freedom) => data.quantiles[freedom - 1] ?? 1.959964 + 2.372272 / freedom + 2.822499 / freedom ** 2;

const ofRun = (chart, run) => ({
  label: `run ${cell(idColumn, run)}`, x: chart.curves[run].x, middle: chart.curves[run].y, look: 0,
});

function plot(chart, series, logY) {
  const drawable = (value) => typeof value === "number" && (!logY || value > 0);
  const ys = series.flatMap((each) => [...each.middle, ...(each.low || []), ...(each.high || [])]).filter(drawable);
  const xs = series.flatMap((each) => each.x.filter((_, place) => drawable(each.middle[place])));
  const figure = html("figure", {}, html("figcaption", {}, chart.name));
  if (!ys.length) {
    figure.append(html("p", { class: "hint" }, logY ? "nothing above 0" : "no finite numbers"));
    return figure;
  }
  const across = scale(extent(xs), LEFT, WIDTH - RIGHT, false), up = scale(extent(ys), HEIGHT - BOTTOM, TOP, logY);
  const points = (each, values, places) => places.map((place) => `${across(each.x[place]).toFixed(1)},${up(values[place]).toFixed(1)}`);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": chart.name }, ...axes(chart.axis, across, up));
  for (const each of series) {
    for (const places of stretches(each.middle, (place) => each.low && drawable(each.low[place]) && drawable(each.high[place]))) {
      picture.append(svg("polygon", { class: `band ${look(each.look)}`,
        points: [...points(each, each.low, places), ...points(each, each.high, places).reverse()].join(" ") }));
    }
  }
  for (const each of series) {
    for (const places of stretches(each.middle, (place) => drawable(each.middle[place]))) {
      const line = points(each, each.middle, places);
      const alone = line.length === 1;
      picture.append(svg("polyline", { class: `curve ${look(each.look)}${alone ? " alone" : ""}`, points: (alone ? [...line, ...line] : line).join(" ") }));
    }
  }
  figure.append(picture);
  hover(figure, picture, chart, series, across, up, drawable);
  return figure;
}

// The places one after the other for which something holds, in lists.
function stretches(values, holds) {
  const found = [];
  let open = null;
  values.forEach((_, place) => {
    if (!holds(place)) open = null;
    else if (open) open.push(place);
    else found.push(open = [place]);
  });
  return found;
}

function extent(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
  return [low, high];
}

function scale([low, high], from, to, log) {
  const turn = log ? Math.log10 : (value) => value, back = log ? (value) => 10 ** value : (value) => value;
  let [first, last] = [turn(low), turn(high)];
  if (first === last) { const room = log ? 0.5 : Math.abs(first) / 2 || 0.5; first -= room; last += room; }
  const place = (value) => from + ((turn(value) - first) / (last - first)) * (to - from);
  place.ticks = ticks(first, last).map(back);
  return place;
}

function ticks(low, high) {
  const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw);
  const found = [];
  for (let each = Math.ceil(low / step); each * step <= high * (1 + 1e-9) || each * step <= high; each++) {
    found.push(Number((each * step).toPrecision(12)));
    if (found.length > 12) break;
  }
  return found;
}

function axes(label, across, up) {
  const bottom = HEIGHT - BOTTOM;
  return [
    ...up.ticks.flatMap((tick) => [
      svg("line", { class: "rule", x1: LEFT, x2: WIDTH - RIGHT, y1: up(tick), y2: up(tick) }),
      svg("text", { x: LEFT - 7, y: up(tick) + 4, "text-anchor": "end" }, digits(tick, 3)),
    ]),
    ...across.ticks.map((tick) => svg("text", { x: across(tick), y: bottom + 17, "text-anchor": "middle" }, digits(tick, 5))),
    svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: bottom + 34, "text-anchor": "middle" }, label),
  ];
}

function hover(figure, picture, chart, series, across, up, drawable) {
  const tip = html("div", { class: "tip", hidden: true }), marks = svg("g");
  const xs = [...new Set(series.flatMap((each) => each.x))].filter((x) => x !== null).sort((a, b) => a - b);
  picture.append(marks);
  figure.append(tip);
  picture.addEventListener("pointerleave", () => { tip.hidden = true; marks.replaceChildren(); });
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect(), at = ((event.clientX - box.left) / box.width) * WIDTH;
    const x = xs.reduce((best, each) => (Math.abs(across(each) - at) < Math.abs(across(best) - at) ? each : best));
    const here = series.map((each) => [each, each.x.indexOf(x)]).filter(([each, place]) => drawable(each.middle[place]));
    marks.replaceChildren(
      svg("line", { class: "cursor", x1: across(x), x2: across(x), y1: TOP, y2: HEIGHT - BOTTOM }),
      ...here.map(([each, place]) => svg("circle", { class: `dot ${look(each.look)}`, r: 3.5, cx: across(x), cy: up(each.middle[place]) })));
    tip.replaceChildren(html("div", {}, `${chart.axis} ${digits(x, 6)}`), ...here.slice(0, 14).map(([each, place]) =>
      html("div", {}, key(each.look), `${each.label}: ${told(each, place)}`)));
    tip.hidden = false;
    const left = (across(x) / WIDTH) * box.width, inside = box.left + left + 14 + tip.offsetWidth < document.documentElement.clientWidth;
    tip.style.left = `${inside ? left + 14 : Math.max(-box.left, left - 14 - tip.offsetWidth)}px`;
    tip.style.top = `${box.top - figure.getBoundingClientRect().top + 8}px`;
  });
}

function told(each, place) {
  if (!each.counts) return digits(each.middle[place], 5);
  const high = each.high[place], around = high === null ? "" : ` ± ${digits(high - each.middle[place], 2)}`;
  return `${digits(each.middle[place])}${around} (${each.counts[place]} of ${each.runs} runs)`;
}

// ---- the page of a run

const overview = document.getElementById("overview"), page = document.getElementById("run");
let scrolled = 0;

function route() {
  const wanted = /^#run=(-?\d+)$/.exec(location.hash);
  const run = wanted ? everyRun.find((place) => cell(idColumn, place) === Number(wanted[1])) : undefined;
  if (run === undefined) {
    page.hidden = true;
    overview.hidden = false;
    window.scrollTo(0, scrolled);
    return;
  }
  if (!overview.hidden) scrolled = window.scrollY;
  overview.hidden = true;
  page.hidden = false;
  page.replaceChildren(...runPage(run));
  window.scrollTo(0, 0);
}

function runPage(run) {
  const parts = data.runs[run];
  const has = (prefix) => data.columns.filter((each) => each.name.startsWith(prefix) && cell(each, run) !== undefined);
  const name = column("info.name"), pictures = parts.products?.filter((each) => each.picture) || [];
  return [
    html("nav", {}, html("a", { href: "#" }, "← all runs"), ...neighbours(run)),
    html("header", {}, html("h1", {}, `Run ${cell(idColumn, run)}`, name && cell(name, run) !== undefined ? `: ${cell(name, run)}` : ""),
      html("p", {}, column("info.status") ? status(cell(column("info.status"), run)) : "")),
    ...section("Error", parts.traceback && html("pre", {}, parts.traceback)),
    ...section("Config", pairs(has("config."), run)),
    ...section("Curves", runCurves(run)),
    ...section("Pictures", pictures.length && html("div", { class: "grid" }, ...pictures.map(picture))),
    ...section("Artifacts", parts.products && html("table", { class: "pairs" }, ...parts.products.map((each) =>
      html("tr", {}, html("th", {}, each.name), html("td", {}, each.size === undefined ? "" : `${each.size.toLocaleString("en")} bytes`))))),
    ...(parts.streams || []).flatMap((each) => section(each.name,
      each.left_out && html("p", { class: "hint" }, `The end of it; ${each.left_out.toLocaleString("en")} bytes before are left out.`),
      html("pre", {}, each.text))),
    ...section("Record and environment", pairs(has("info."), run)),
    ...["info.packages", "info.hardware"].flatMap((each) => contents(each, run)),
  ];
}

function neighbours(run) {
  const place = table.listed.indexOf(run);
  const link = (other, label) => (place < 0 || other === undefined ? [] : [html("a", { href: `#run=${cell(idColumn, other)}` }, label)]);
  return [...link(table.listed[place - 1], "previous"), ...link(table.listed[place + 1], "next")];
}

// A heading and what stands below; nothing where nothing does.
function section(title, ...children) {
  const there = children.filter(Boolean);
  return there.length ? [html("section", {}, html("h2", {}, title), ...there)] : [];
}

function pairs(columns, run) {
  return columns.length && html("table", { class: "pairs" }, ...columns.map((each) =>
    html("tr", { class: each.varies && each.name.startsWith("config.") ? "varies" : "" },
      html("th", {}, each.label), html("td", {}, text(cell(each, run))))));
}

function runCurves(run) {
  const drawn = data.charts.filter((chart) => chart.curves[run]);
  return drawn.length && html("div", { class: "grid" }, ...drawn.map((chart) => plot(chart, [ofRun(chart, run)], false)));
}

function picture(each) {
  return html("figure", {}, html("figcaption", {}, each.name), html("img", { class: "picture", src: each.picture, alt: each.name }));
}

function contents(name, run) {
  const digest = column(name) && cell(column(name), run), found = data.contents[digest];
  if (!found || !Object.keys(found).length) return [];
  return [html("details", {}, html("summary", {}, name === "info.packages" ? "Packages" : "Hardware"),
    html("table", { class: "pairs" }, ...Object.entries(found).map(([one, value]) =>
      html("tr", {}, html("th", {}, one), html("td", {}, value)))))];
}

runTable();
charts();
addEventListener("hashchange", route);
route();
