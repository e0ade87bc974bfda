"use strict";
// Draws the steps; every name goes in as text. Times are milliseconds since the epoch.
(() => {
  const SVG = "http://www.w3.org/2000/svg", ROW = 22, HEAD = 30, AXIS = 28, PAD = 14, LEAST = 0.01;
  const byId = (id) => document.getElementById(id);
  const svg = byId("trace"), tip = byId("tip"), said = byId("said");
  const steps = JSON.parse(byId("data").textContent);
  const lanes = [];
  for (const step of steps) {
    let lane = lanes.find((each) => each.title === step.title);
    if (!lane) {
      lane = { title: step.title, pid: step.pid, steps: [], begin: Infinity, end: -Infinity, rows: 0 };
      lanes.push(lane);
    }
    lane.steps.push(step);
    lane.begin = Math.min(lane.begin, step.start);
    lane.end = Math.max(lane.end, step.end);
    lane.unfinished ||= step.unfinished;
    lane.rows = Math.max(lane.rows, step.row + 1);
    step.lane = lane;
  }
  if (!lanes.length) return svg.setAttribute("height", 0);

  const first = Math.min(...lanes.map((lane) => lane.begin));
  const longest = Math.max(...lanes.map((lane) => lane.end - lane.begin));
  // A worker that was started much later than the agent would leave nothing to be seen of either.
  let aligned = Math.max(...lanes.map((lane) => lane.end)) - first > 4 * longest;
  let from = 0, to = 1, chosen = null;

  const zero = (lane) => (aligned ? lane.begin : first);
  const whole = () => Math.max(...lanes.map((lane) => lane.end - zero(lane)), 1);
  const width = () => svg.clientWidth || 800;
  const scale = () => (width() - 2 * PAD) / (to - from);
  const at = (time) => PAD + (time - from) * scale();
  const ms = (time) => (time < 1000 ? `${time.toFixed(time < 10 ? 2 : 1)} ms` : `${(time / 1000).toFixed(2)} s`);
  const clock = (time) => new Date(time).toTimeString().slice(0, 8);

  function make(name, attributes, parent, text) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return parent.appendChild(node);
  }
  const place = (node, values) => { for (const key in values) node.setAttribute(key, values[key]); };

  const kind = (step) =>
    step.row === 0 ? "process" : /^Require\(/.test(step.name) ? "file"
      : /^(Did Load|Will Ready) in /.test(step.name) ? "hook" : "load";
  const label = (step) => step.name.replace(/^Require\(\d+\) /, "");
  const about = (step) => [
    step.name,
    `${step.title}, pid ${step.pid}`,
    ms(step.end - step.start)
      + (step.unfinished ? " so far: unfinished" : `, ${ms(Math.max(0, step.own))} of its own`),
    `from ${ms(step.start - step.lane.begin)} after the process began`,
  ].concat(step.slow ? ["slow"] : []).join("\n");

  const axis = make("g", { class: "axis" }, svg);
  let top = AXIS;
  for (const lane of lanes) {
    const group = make("g", { class: "lane" }, svg);
    make("rect", { class: "head", x: 0, y: top, width: "100%", height: HEAD }, group);
    make("text", { class: "title", x: PAD, y: top + 20 }, group, lane.title);
    const outcome = `${lane.unfinished ? "unfinished" : "ready"} after ${ms(lane.end - lane.begin)}`;
    make("text", { class: "when", y: top + 20, x: PAD + lane.title.length * 8 + 12 }, group,
      `pid ${lane.pid} · ${clock(lane.begin)} · ${outcome}`);
    const under = top + HEAD + 5;
    for (const step of lane.steps) {
      step.y = under + step.row * ROW;
      const classes = ["step", kind(step), step.slow && "slow", step.unfinished && "unfinished"];
      step.node = make("g", { class: classes.filter(Boolean).join(" ") }, group);
      step.bar = make("rect", { y: step.y, height: ROW - 3, rx: 3 }, step.node);
      step.edge = make("rect", { class: "mark", y: step.y, height: ROW - 3, width: 3 }, step.node);
      step.text = make("text", { y: step.y + 13.5 }, step.node);
      step.node.step = step;
    }
    top = under + lane.rows * ROW + 8;
    lane.line = make("line", { class: "ready", y1: under - 5, y2: top - 4 }, group);
  }
  svg.setAttribute("height", top);

  function draw() {
    drawAxis();
    const right = width();
    for (const lane of lanes) {
      const end = at(lane.end - zero(lane));
      place(lane.line, { x1: end, x2: end, visibility: end < 0 || end > right ? "hidden" : "visible" });
      for (const step of lane.steps) drawStep(step, zero(lane), right);
    }
  }
  function drawStep(step, origin, right) {
    const left = Math.max(-2, at(step.start - origin)), end = Math.min(right + 2, at(step.end - origin));
    const hidden = end < 0 || left > right;
    step.node.setAttribute("visibility", hidden ? "hidden" : "visible");
    if (hidden) return;
    const long = Math.max(end - left - 1, 1.5);
    place(step.bar, { x: left, width: long });
    step.edge.setAttribute("x", left);
    const inset = Math.max(left, 0) + 7, name = label(step);
    const room = Math.floor((Math.min(end, right) - inset - 4) / 6.6); // characters
    step.text.setAttribute("x", inset);
    step.text.textContent = room < 3 ? "" : name.length <= room ? name : `${name.slice(0, room - 1)}…`;
  }
  function drawAxis() {
    axis.replaceChildren();
    const rough = (to - from) / Math.max(2, width() / 120), base = 10 ** Math.floor(Math.log10(rough));
    const every = base * [1, 2, 5, 10].find((factor) => factor * base >= rough);
    for (let time = Math.ceil(from / every) * every; time <= to; time += every) {
      make("line", { class: "grid", x1: at(time), x2: at(time), y1: AXIS - 8, y2: top }, axis);
      const coarse = time >= 1000 && every >= 10;
      const text = coarse ? `${+(time / 1000).toFixed(2)} s` : `${+time.toFixed(3)} ms`;
      if (at(time) < width() - 50) make("text", { x: at(time) + 4, y: 17 }, axis, text);
    }
  }

  function look(begin, end) {
    const all = whole(), margin = all * 0.02;
    const span = Math.min(Math.max(end - begin, LEAST), all + 2 * margin);
    from = Math.min(Math.max(begin, -margin), all + margin - span);
    to = from + span;
    svg.dataset.from = from.toFixed(3);
    svg.dataset.span = span.toFixed(3);
    draw();
  }
  const fit = () => look(-Infinity, Infinity);
  const zoom = (factor, centre) => {
    const pivot = centre === undefined ? (from + to) / 2 : centre;
    look(pivot - (pivot - from) * factor, pivot + (to - pivot) * factor);
  };
  const move = (part) => look(from + (to - from) * part, to + (to - from) * part);
  const timeAt = (event) => from + (event.clientX - svg.getBoundingClientRect().left - PAD) / scale();
  const fill = (step) => {
    const begin = step.start - zero(step.lane), long = Math.max(step.end - step.start, LEAST);
    look(begin - long * 0.05, begin + long * 1.05);
  };

  function choose(step) {
    if (chosen) chosen.node.classList.remove("chosen");
    chosen = step;
    said.textContent = step ? about(step).replaceAll("\n", " · ") : "";
    if (!step) return;
    step.node.classList.add("chosen");
    const begin = step.start - zero(step.lane), end = step.end - zero(step.lane);
    if (end < from || begin > to) look((begin + end - to + from) / 2, (begin + end + to - from) / 2);
  }
  function next(by) {
    const order = lanes.flatMap((lane) => lane.steps);
    choose(order[(order.indexOf(chosen) + by + order.length + (chosen ? 0 : by < 0)) % order.length]);
  }
  function point(event) {
    const step = event.target.parentNode.step;
    tip.hidden = !step || moving !== null;
    if (tip.hidden) return;
    tip.textContent = about(step);
    const box = tip.getBoundingClientRect();
    const x = Math.min(event.clientX + 14, innerWidth - box.width - 8);
    const y = event.clientY + 18 + box.height > innerHeight ? event.clientY - box.height - 12 : event.clientY + 18;
    tip.style.transform = `translate(${Math.max(8, x)}px, ${Math.max(8, y)}px)`;
  }
  function align(value) {
    aligned = value;
    byId("clock").setAttribute("aria-pressed", aligned);
    fit();
  }

  let moving = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    moving = { x: event.clientX, from, to };
    svg.setPointerCapture(event.pointerId);
    svg.classList.add("moving");
    tip.hidden = true;
  });
  svg.addEventListener("pointermove", (event) => {
    if (!moving) return point(event);
    const by = (moving.x - event.clientX) / scale();
    look(moving.from + by, moving.to + by);
  });
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => {
    moving = null;
    svg.classList.remove("moving");
  });
  svg.addEventListener("pointerleave", () => { tip.hidden = true; });
  // The target of a click is the whole picture, which has captured the pointer.
  const under = (event) => document.elementFromPoint(event.clientX, event.clientY)?.parentNode.step;
  svg.addEventListener("click", (event) => { if (under(event)) choose(under(event)); });
  svg.addEventListener("dblclick", (event) => { if (under(event)) fill(under(event)); else fit(); });
  svg.addEventListener("wheel", (event) => {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const before = from, until = to;
    if (sideways) move((event.deltaX || event.deltaY) / width());
    else zoom(Math.exp(Math.max(-200, Math.min(200, event.deltaY)) / 400), timeAt(event));
    if (before !== from || until !== to) event.preventDefault(); // else the page scrolls
  }, { passive: false });

  const keys = {
    "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "0": fit, Home: fit,
    ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), ArrowDown: () => next(1), ArrowUp: () => next(-1),
    Enter: () => chosen && fill(chosen), Escape: () => choose(null),
    a: () => align(!aligned), A: () => align(!aligned),
  };
  svg.addEventListener("keydown", (event) => {
    const act = !event.ctrlKey && !event.metaKey && !event.altKey && keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  byId("in").addEventListener("click", () => zoom(0.5));
  byId("out").addEventListener("click", () => zoom(2));
  byId("fit").addEventListener("click", fit);
  byId("clock").addEventListener("click", () => align(!aligned));
  new ResizeObserver(() => look(from, to)).observe(svg);
  align(aligned);
  svg.dataset.lanes = lanes.length;
})();
