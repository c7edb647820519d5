// The picture of all hosts, and how a change gets into it.
"use strict";

const STATES = ["live", "pending", "kept", "rejected"];
const BEGINNING = { problems: [], virtual_services: [], passes: [], waits: [], drift: [], checks: [], not_ours: 0, works: true, problems_in_all: 0 };
const WHOLE = ["passes", "waits", "drift", "checks", "not_ours", "works", "problems_in_all"];
const SLICE = 2000;

/** What the controller serves: rows by their id, and all that is told beside them. */
class Picture {
  /** Take a topology as `/api/topology` gives it; a `TypeError` if it is none. */
  constructor(topology) {
    if (!Array.isArray(topology?.columns) || !Array.isArray(topology.rows)) throw new TypeError("this is no topology");
    this.columns = topology.columns;
    this.about = { cluster: topology.cluster ?? "", version: topology.ako ?? "", at: topology.at ?? "" };
    for (const [name, otherwise] of Object.entries(BEGINNING)) this[name] = topology[name] ?? otherwise;
    this.rows = new Map();
    this.put(topology.rows);
    this.reasons = reasonsOf(this.problems);
  }

  /** Take in what changed; give the ids of the rows that did. */
  apply(change) {
    for (const name of WHOLE) if (name in change) this[name] = change[name];
    if ("problems" in change) this.putProblems(change);
    if ("virtual_services" in change || "virtual_services_gone" in change) this.putServices(change);
    for (const id of change.gone ?? []) this.rows.delete(id);
    return new Set([...this.put(change.rows ?? []), ...(change.gone ?? [])]);
  }

  /** Take in the problems of some objects; those of others stay. */
  putProblems({ problems, problems_of: objects }) {
    const told = objects && new Set(objects);
    this.problems = [...(told ? this.problems.filter(one => !told.has(one.about)) : []), ...problems];
    this.reasons = reasonsOf(this.problems);
  }

  putServices({ virtual_services: changed = [], virtual_services_gone: gone = [] }) {
    const services = new Map(this.virtual_services.map(one => [serviceKey(one), one]));
    for (const [name, tenant] of gone) services.delete(serviceKey({ name, tenant }));
    for (const one of changed) services.set(serviceKey(one), one);
    this.virtual_services = [...services.values()];
  }

  put(rows) {
    return rows.map(values => {
      const row = {};
      this.columns.forEach((name, n) => { row[name] = values[n]; });
      this.rows.set(row.id, row);
      return row.id;
    });
  }

  /** Count the rows by state. */
  counts() {
    const counts = Object.fromEntries(STATES.map(state => [state, 0]));
    for (const row of this.rows.values()) counts[row.state] = (counts[row.state] ?? 0) + 1;
    return counts;
  }

  /** Give all namespaces there are, in order. */
  namespaces() {
    const found = new Set();
    for (const row of this.rows.values()) for (const namespace of row.namespaces) found.add(namespace);
    return [...found].sort();
  }

  /** Make ready what a search looks at, a slice at a time, so that no key press waits for it. */
  async index() {
    let left = SLICE;
    for (const row of this.rows.values()) {
      searchText(row);
      if (--left > 0) continue;
      left = SLICE;
      await new Promise(resolve => setTimeout(resolve));
    }
  }
}

/** Give what tells a virtual service from all others: names are of a tenant. */
function serviceKey({ name, tenant }) {
  return tenant ? `${tenant}/${name}` : name;
}

/** Give the reasons of problems, in lower case, by the object whose they are: of its hosts only the first are named. */
function reasonsOf(problems) {
  const reasons = new Map();
  for (const { about, reason } of problems) reasons.set(about, `${reasons.get(about) ?? ""} ${reason.toLowerCase()}`.trim());
  return reasons;
}

/** Give what free words are looked for in, made once for a row. */
function searchText(row) {
  row.text ??= [row.host, row.id, ...row.namespaces, ...row.sources, row.virtual_service, ...row.addresses, row.tenant]
    .join("\n").toLowerCase();
  return row.text;
}
