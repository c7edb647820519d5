// What somebody looks for, and which rows that is.
"use strict";

const FIELDS = {
  host: row => [row.host],
  ns: row => row.namespaces,
  namespace: row => row.namespaces,
  state: row => [row.state],
  vs: row => [row.virtual_service],
  source: row => row.sources,
  address: row => row.addresses,
  tenant: row => [row.tenant],
  tls: row => [row.tls || "none"],
  kind: row => [row.kind],
  shard: row => [row.shard === null || row.shard === undefined ? "" : String(row.shard)],
};

const ORDERS = {
  host: row => row.host,
  state: row => String(STATES.length - STATES.indexOf(row.state)),
  namespace: row => row.namespaces[0] ?? "",
  virtual_service: row => row.virtual_service,
  servers: row => String(row.servers).padStart(9, "0"),
  problems: row => String(999999999 - row.problems),
};

/**
 * Read a search: words and `field:word`, each with `-` before it for "not"; a word in quotes after a field is the whole
 * of it. A field that is unknown is part of a word, since names have colons too.
 */
function termsOf(search) {
  const terms = [];
  for (const [, not, name, quoted, word] of search.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/gi)) {
    const field = name?.toLowerCase();
    const isField = name !== undefined && (Object.hasOwn(FIELDS, field) || field === "problem");
    const text = (quoted ?? word).toLowerCase();
    terms.push({
      isNot: not === "-",
      field: isField ? field : "",
      text: name && !isField ? `${name.toLowerCase()}:${text}` : text,
      isWhole: quoted !== undefined && isField,
    });
  }
  return terms;
}

/** Say whether a row is what a term looks for. */
function fits(term, row, reasons) {
  const hasReason = () => row.sources.some(source => reasons.get(source)?.includes(term.text));
  if (term.field === "") return searchText(row).includes(term.text) || hasReason();
  if (term.field === "problem") return row.problems > 0 && hasReason();
  return FIELDS[term.field](row).some(value => {
    const given = value.toLowerCase();
    return term.isWhole ? given === term.text : given.includes(term.text);
  });
}

/** Keeps all rows in an order, and gives those that somebody looks for. */
class Listing {
  constructor() {
    this.sorted = [];
    this.order = "";
  }

  /** Give the rows of a picture that a place asks for, in its order. */
  rows(picture, { q, states, ns, wrong, order, isDown }) {
    this.sort(picture, order, isDown);
    const terms = termsOf(q);
    return this.sorted.filter(row =>
      (states.size === 0 || states.has(row.state)) &&
      (!ns || row.namespaces.includes(ns)) &&
      (!wrong || row.problems > 0) &&
      terms.every(term => fits(term, row, picture.reasons) !== term.isNot));
  }

  /** Bring rows into order: what was in order before stays, so that one that changed costs little. */
  sort(picture, order, isDown) {
    const key = Object.hasOwn(ORDERS, order) ? ORDERS[order] : ORDERS.host;
    const wanted = `${order} ${isDown}`;
    const kept = this.order === wanted ? this.sorted.filter(row => picture.rows.get(row.id) === row) : [];
    const known = new Set(kept);
    const rows = [...kept];
    for (const row of picture.rows.values()) {
      if (known.has(row)) continue;
      row.key = key(row);
      rows.push(row);
    }
    this.order = wanted;
    const way = isDown ? -1 : 1;
    if (rows.length > kept.length) rows.sort((one, other) => {
      if (one.key !== other.key) return one.key < other.key ? -way : way;
      return one.id < other.id ? -1 : Number(one.id > other.id);
    });
    this.sorted = rows;
  }
}
