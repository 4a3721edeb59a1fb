// Draws each chart from the table that stands under it: the numbers are those of its cells, so the two cannot differ.
// What a cell does not tell is drawn as not told, never as nothing. Without this script the table stands alone.
(() => {
  const NARROW = 560, ROW = 34, NARROW_ROW = 54, MOST_ROWS = 24;
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();

  // A cell's number; null where it tells none.
  const number = (cell) => (/^\d+$/.test(cell.textContent.trim()) ? Number(cell.textContent.trim()) : null);
  const rows = (table) => [...table.tBodies[0].rows].slice(0, MOST_ROWS).map((row) => (
    { name: row.cells[0].textContent.trim(), cells: [...row.cells].slice(1) }));

  // A whole and its parts, one beside the other. The rest of the whole that no cell tells is one part, not told.
  function parts(cells, tones, order) {
    const total = number(cells[0]);
    if (total === null) return { pieces: [], isUntold: true };
    const pieces = [];
    let from = 0;
    const add = (tone, n) => { if (n) { pieces.push({ tone, from, to: from + n, said: String(n) }); from += n; } };
    for (const place of order) add(tones[place], number(cells[place + 1]));
    if (from < total) pieces.push({ tone: 'hidden-part', from, to: total, said: '-' });
    return { pieces, total };
  }

  const STEPS = ['nothing', 'decided', 'assessed', 'planned', 'connected', 'followed_up', 'elsewhere'];
  const MARKS = ['none', 'known', 'cannot_tell'];
  // Of each kind of chart: the pictures it is made of, each with rows of pieces, and perhaps a line across a row.
  const KINDS = {
    steps: (table) => [{ rows: rows(table).map(({ name, cells }) => (
      { name, ...parts(cells, STEPS.map((step) => `step-${step}`), [5, 4, 3, 2, 1, 0, 6]) })) }],
    marks: (table) => [{ rows: rows(table).map(({ name, cells }) => (
      { name, ...parts(cells, MARKS.map((part) => `mark-${part}`), [0, 1, 2]) })) }],
    split: (table) => [{ rows: rows(table).map(({ name, cells }) => ({ name, ...split(number(cells[0]), number(cells[1])) })) }],
    loads: (table) => [[0, null], [2, 3], [4, 5]].map(([all, over]) => ({
      title: table.tHead.rows[0].cells[all + 1].textContent,
      rows: rows(table).map(({ name, cells }) => {
        const whole = number(cells[all]), late = over === null ? 0 : number(cells[over]);
        return { name, ...split(whole === null || late === null ? null : whole - late, late) };
      }),
    })),
    ages: (table) => [{ rows: rows(table).map(({ name, cells }) => {
      const days = number(cells[1]), within = number(cells[2]);
      const late = days !== null && within !== null && days > within;
      const pieces = days === null ? [] : [{ tone: late ? 'late' : 'calm', from: 0, to: days, said: String(days) }];
      return { name, pieces, within, isUntold: days === null };
    }) }],
  };

  function split(calm, late) {
    if (calm === null || late === null) return { pieces: [], isUntold: true };
    const pieces = [{ tone: 'calm', from: 0, to: calm }, { tone: 'late', from: calm, to: calm + late }];
    return { pieces: pieces.filter(({ from, to }) => to > from).map((one) => ({ ...one, said: String(one.to - one.from) })), isNone: calm + late === 0 };
  }

  function specification({ title, rows: drawn }, width, notTold) {
    const isNarrow = width < NARROW;
    const most = Math.max(1, ...drawn.flatMap(({ pieces, within }) => [...pieces.map(({ to }) => to), within || 0]));
    const tones = [...new Set(drawn.flatMap(({ pieces }) => pieces.map(({ tone }) => tone)))];
    const fill = (tone) => token(`--chart-${tone}`);
    // A number is written where its piece is wide enough for it.
    const wide = (n) => (n / most) * (width - (isNarrow ? 20 : 220)) > 26;
    const at = (row, one) => ({ row: String(row), ...one });
    const pieces = drawn.flatMap((one, row) => one.pieces.map((piece) => at(row, piece)));
    // With a line across the row the number stands at its beginning, clear of the line.
    const hasLines = drawn.some(({ within }) => within);
    const written = pieces.filter(({ from, to }) => wide(to - from)).map((one) => (
      { ...one, middle: hasLines ? one.from : (one.from + one.to) / 2, ink: token(`--chart-${one.tone}-ink`) || token('--ink') }));
    const beside = drawn.flatMap((one, row) => (one.isUntold ? [at(row, { said: notTold })] : one.isNone ? [at(row, { said: '0' })] : []));
    const lines = drawn.flatMap((one, row) => (one.within ? [at(row, { within: one.within })] : []));
    const y = { field: 'row', type: 'nominal', sort: null, title: null };
    const scale = { domain: drawn.map((_, row) => String(row)), paddingInner: isNarrow ? 0.55 : 0.34, paddingOuter: isNarrow ? 0.5 : 0.17 };
    const axis = isNarrow ? null : { labelExpr: 'names[datum.value]', labelLimit: Math.round(width * 0.4), labelPadding: 8, ticks: false, domain: false };
    const bandY = { ...y, scale, axis };
    const x = { type: 'quantitative', title: null, scale: { domain: [0, most], nice: false } };
    const inUnits = { ...x, axis: { tickMinStep: 1, format: 'd', tickCount: isNarrow ? 4 : 8, grid: true, gridColor: token('--rule'), domain: false, ticks: false } };
    const size = 14, ink = token('--ink'), font = getComputedStyle(document.body).fontFamily;
    const text = { type: 'text', fontSize: size, baseline: 'middle' };
    const layers = [
      {
        data: { values: pieces },
        mark: { type: 'bar', stroke: token('--sheet'), strokeWidth: 1 },
        encoding: {
          y: bandY, x: { ...inUnits, field: 'from' }, x2: { field: 'to' },
          color: { field: 'tone', type: 'nominal', legend: null, scale: { domain: tones, range: tones.map(fill) } },
          stroke: { field: 'tone', type: 'nominal', legend: null, scale: { domain: tones, range: tones.map((tone) => token(`--chart-${tone}-edge`) || token('--sheet')) } },
          strokeDash: { field: 'tone', type: 'nominal', legend: null, scale: { domain: tones, range: tones.map((tone) => (tone === 'hidden-part' ? [3, 2] : [1, 0])) } },
        },
      },
      { data: { values: written }, mark: { ...text, align: hasLines ? 'left' : 'center', dx: hasLines ? 6 : 0 }, encoding: {
        y: bandY, x: { ...inUnits, field: 'middle' }, text: { field: 'said' }, color: { field: 'ink', type: 'nominal', scale: null } } },
      { data: { values: beside }, mark: { ...text, align: 'left', dx: 4, color: token('--soft') }, encoding: {
        y: bandY, x: { datum: 0, type: 'quantitative' }, text: { field: 'said' } } },
      { data: { values: lines }, mark: { type: 'tick', thickness: 3, color: ink, orient: 'vertical', bandSize: 24 }, encoding: {
        y: bandY, x: { ...inUnits, field: 'within' } } },
    ];
    if (isNarrow) {
      layers.push({ data: { values: drawn.map(({ name }, row) => at(row, { name })) }, mark: { ...text, align: 'left', dy: -23, color: ink }, encoding: {
        y: bandY, x: { datum: 0, type: 'quantitative' }, text: { field: 'name' } } });
    }
    return {
      width, height: drawn.length * (isNarrow ? NARROW_ROW : ROW) + 30, autosize: { type: 'fit', contains: 'padding' },
      ...(title ? { title: { text: title, anchor: 'start', offset: 10, fontSize: 16, color: ink, font } } : {}),
      params: [{ name: 'names', value: drawn.map(({ name }) => name) }],
      background: null,
      layer: layers.filter(({ data }) => data.values.length),
      config: {
        aria: false, font, view: { stroke: null },
        axis: { labelFontSize: size, labelColor: ink, labelFont: font },
        text: { font },
      },
    };
  }

  async function draw(figure) {
    const table = document.getElementById(figure.dataset.of);
    const picture = figure.querySelector('[role=img]');
    const made = KINDS[figure.dataset.chart](table).filter((one) => one.rows.some(({ pieces }) => pieces.length));
    figure.hidden = made.length === 0;
    if (figure.hidden) return;
    const width = Math.floor(picture.clientWidth);
    const beside = made.length > 1 && width >= 900 ? made.length : 1;
    picture.replaceChildren();
    for (const one of made) {
      const place = picture.appendChild(document.createElement('div'));
      const specified = specification(one, Math.floor((width - (beside - 1) * 24) / beside), figure.dataset.notTold);
      const { spec } = vegaLite.compile(specified);
      const view = new vega.View(vega.parse(spec, null, { ast: true }), {
        expr: vega.expressionInterpreter, renderer: 'svg', container: place, hover: false,
      });
      await view.runAsync();
      // The figure itself is the picture, with its words; what lies inside is no second one.
      for (const name of ['role', 'aria-roledescription', 'aria-label', 'tabindex']) place.removeAttribute(name);
      place.firstElementChild.setAttribute('aria-hidden', 'true');
    }
    figure.dataset.drawn = String(width);
  }

  async function drawn(figure) {
    try {
      figure.hidden = false; // so that it has a width
      await draw(figure);
    } catch (error) {
      figure.hidden = true;
      console.error(error);
    }
  }

  const figures = [...document.querySelectorAll('figure[data-chart]')];
  for (const figure of figures) drawn(figure);
  let waiting = 0;
  addEventListener('resize', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => figures.filter((one) => one.querySelector('[role=img]').clientWidth !== Number(one.dataset.drawn)).forEach(drawn), 200);
  });
})();
