// A table of any length: only the rows that are seen are in the document. Keys are those of the ARIA grid pattern.
"use strict";

const ROW_HEIGHT = 32;
const PADDING = 16;
const BEYOND = 6; // rows that are drawn above and below what is seen

let grids = 0;

/** A grid in which one walks with the arrow keys, and whose rows can be opened. */
class Grid {
  /**
   * @param label what the grid is called.
   * @param columns each `{name, label, least, share, draw(row): content, sorts, isNumber}`; where there is no room, the last go.
   * @param keyOf the id of a row.
   * @param opened called with a row and whether the focus is to follow.
   * @param sorted called with the name of a column.
   */
  constructor({ label, columns, keyOf, opened, sorted }) {
    Object.assign(this, { columns, keyOf, opened, sorted, rows: [], chosen: "", cell: { key: "", row: 0, column: 0 }, fitting: columns.length });
    this.id = `grid${++grids}`;
    this.head = make("div", { role: "row", class: "grid-row", "aria-rowindex": 1 }, columns.map((column, n) => this.headCell(column, n)));
    this.body = make("div", { role: "rowgroup", class: "grid-body" });
    this.element = make("div", {
      role: "grid", class: "grid", tabindex: 0, "aria-label": label, "aria-colcount": columns.length,
      on: { scroll: oncePerFrame(() => this.draw()), keydown: event => this.pressed(event), focus: () => this.draw() },
    }, make("div", { role: "rowgroup", class: "grid-head" }, this.head), this.body);
    new ResizeObserver(oncePerFrame(() => this.fit())).observe(this.element);
  }

  /** Show as many columns as there is room for, and at least the first. */
  fit() {
    let room = this.element.clientWidth - PADDING;
    const fits = this.columns.findIndex(column => (room -= column.least) < 0);
    this.fitting = Math.max(1, fits < 0 ? this.columns.length : fits);
    const widths = this.columns.slice(0, this.fitting).map(({ least, share }) => share ? `minmax(${least}px, ${share}fr)` : `${least}px`);
    this.element.style.setProperty("--columns", widths.join(" "));
    for (const row of [this.head, ...this.body.children]) this.fitRow(row);
    this.cell.column = Math.min(this.cell.column, this.fitting - 1);
    this.draw();
  }

  fitRow(row) {
    [...row.children].forEach((cell, n) => { cell.hidden = n >= this.fitting; });
  }

  headCell(column, n) {
    const words = [column.label, make("span", { class: "grid-order", "aria-hidden": "true" })];
    return make("div", {
      role: "columnheader", "aria-colindex": n + 1, id: `${this.id}-0-${n}`, class: [column.sorts && "sorts", column.isNumber && "number"].filter(Boolean).join(" "),
      on: column.sorts ? { click: () => this.sorted(column.name) } : {},
    }, words);
  }

  /** Show other rows; who reads keeps the row on top of the view, and the cell where the keyboard is. */
  show(rows, { order = "", isDown = false, chosen = "", changed = new Set() } = {}) {
    const top = this.rows[this.first()];
    const offset = this.element.scrollTop - this.first() * ROW_HEIGHT;
    const isAtTop = this.element.scrollTop === 0;
    this.rows = rows;
    this.chosen = chosen;
    this.changed = changed;
    this.places = new Map(rows.map((row, n) => [this.keyOf(row), n]));
    this.element.setAttribute("aria-rowcount", rows.length + 1);
    this.body.style.height = `${rows.length * ROW_HEIGHT}px`;
    if (top && !isAtTop && this.places.has(this.keyOf(top))) this.element.scrollTop = this.places.get(this.keyOf(top)) * ROW_HEIGHT + offset;
    const place = this.places.get(this.cell.key);
    if (place !== undefined) this.cell.row = place + 1;
    else this.cell.row = Math.min(this.cell.row, rows.length);
    this.columns.forEach((column, n) => this.sayOrder(this.head.children[n], column.sorts && column.name === order, isDown));
    this.draw();
  }

  sayOrder(cell, isOrder, isDown) {
    if (isOrder) cell.setAttribute("aria-sort", isDown ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
    cell.lastChild.textContent = isOrder ? (isDown ? "▾" : "▴") : "";
  }

  first() {
    return Math.floor(this.element.scrollTop / ROW_HEIGHT);
  }

  /** Draw the rows that are seen, with elements that are there already. */
  draw() {
    const seen = Math.ceil(this.element.clientHeight / ROW_HEIGHT);
    const from = Math.max(0, Math.min(this.first(), this.rows.length - seen) - BEYOND);
    const until = Math.min(this.rows.length, from + seen + 2 * BEYOND);
    const spare = new Map([...this.body.children].map(element => [element.dataset.id, element]));
    const wanted = this.rows.slice(from, until);
    for (const row of wanted) spare.delete(this.keyOf(row));
    const left = [...spare.values()];
    const drawn = new Map([...this.body.children].map(element => [element.dataset.id, element]));
    wanted.forEach((row, n) => {
      let element = drawn.get(this.keyOf(row)) ?? left.pop();
      if (!element) this.body.append(element = this.newRow());
      this.fillRow(element, row, from + n);
    });
    for (const element of left) element.remove();
    this.changed = new Set();
    this.sayActive();
  }

  newRow() {
    const cells = this.columns.map((column, n) => make("div", { role: "gridcell", "aria-colindex": n + 1, class: column.isNumber ? "number" : "" }));
    const element = make("div", { role: "row", class: "grid-row" }, cells);
    element.addEventListener("click", event => this.clicked(element, event));
    this.fitRow(element);
    return element;
  }

  fillRow(element, row, n) {
    element.style.top = `${n * ROW_HEIGHT}px`;
    element.setAttribute("aria-rowindex", n + 2);
    element.setAttribute("aria-selected", this.keyOf(row) === this.chosen);
    const hasChanged = this.changed?.has(this.keyOf(row));
    if (element.row !== row || hasChanged) {
      element.row = row;
      element.dataset.id = this.keyOf(row);
      this.columns.forEach((column, c) => element.children[c].replaceChildren(...[column.draw(row)].flat()));
      element.classList.toggle("changed", Boolean(hasChanged));
    }
    [...element.children].forEach((cell, c) => { cell.id = `${this.id}-${n + 1}-${c}`; });
  }

  /** Say which cell the keyboard is in; none while it is out of sight. */
  sayActive() {
    const id = `${this.id}-${this.cell.row}-${this.cell.column}`;
    for (const cell of this.element.querySelectorAll(".active")) cell.classList.remove("active");
    const cell = document.getElementById(id);
    if (!cell) { this.element.removeAttribute("aria-activedescendant"); return; }
    cell.classList.add("active");
    this.element.setAttribute("aria-activedescendant", id);
  }

  clicked(element, event) {
    if (event.target.closest("a") || String(getSelection())) return;
    const column = [...element.children].indexOf(event.target.closest("[role=gridcell]"));
    this.moveTo(this.places.get(this.keyOf(element.row)) + 1, Math.max(0, column));
    this.opened(element.row, false);
  }

  /** Go to a cell, and bring it into sight; row 0 is the head. */
  moveTo(row, column) {
    const at = Math.max(0, Math.min(this.rows.length, row));
    this.cell = { row: at, column: Math.max(0, Math.min(this.fitting - 1, column)), key: at ? this.keyOf(this.rows[at - 1]) : "" };
    const top = (at - 1) * ROW_HEIGHT;
    const room = this.element.clientHeight - this.head.offsetHeight - ROW_HEIGHT;
    if (at && top < this.element.scrollTop) this.element.scrollTop = top;
    if (at && top > this.element.scrollTop + room) this.element.scrollTop = top - room;
    this.draw();
  }

  /** Go to the first row, if the keyboard is in none yet: for who comes from the search. */
  enter() {
    this.element.focus();
    if (this.cell.row === 0) this.moveTo(1, this.cell.column);
  }

  pressed(event) {
    if (event.altKey || event.metaKey || event.target !== this.element) return;
    const { row, column } = this.cell;
    const page = Math.max(1, Math.floor((this.element.clientHeight - this.head.offsetHeight) / ROW_HEIGHT) - 1);
    const ends = event.ctrlKey;
    const way = {
      ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1],
      PageDown: [row + page, column], PageUp: [Math.max(1, row - page), column],
      Home: [ends ? 1 : row, 0], End: [ends ? this.rows.length : row, this.fitting - 1],
    }[event.key];
    if (way) this.moveTo(...way);
    else if (event.key === "Enter" || event.key === " ") this.act(row, column, event.key === "Enter");
    else return;
    event.preventDefault();
  }

  act(row, column, isFollowed) {
    if (row > 0) this.opened(this.rows[row - 1], isFollowed);
    else if (this.columns[column].sorts) this.sorted(this.columns[column].name);
  }
}
