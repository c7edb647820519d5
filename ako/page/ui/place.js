// Where a reader is, as the part of the address after `#`: view, search, selection. What is in it can be passed on.
"use strict";

const VIEWS = ["hosts", "services", "problems", "activity"];

/** Read a place from an address. */
function placeOf(hash) {
  const [, path, query] = /^#?\/?([^?]*)\??(.*)$/s.exec(hash);
  const given = new URLSearchParams(query);
  const sort = given.get("sort") ?? "host";
  return {
    view: VIEWS.includes(path) ? path : "hosts",
    q: given.get("q") ?? "",
    states: new Set((given.get("state") ?? "").split(",").filter(state => STATES.includes(state))),
    ns: given.get("ns") ?? "",
    wrong: given.has("wrong"),
    ask: given.get("ask") ?? "",
    vs: given.get("vs") ?? "",
    order: sort.replace(/^-/, ""),
    isDown: sort.startsWith("-"),
  };
}

/** Give the address of a place; what is as it begins is left out. */
function addressOf(place) {
  const given = new URLSearchParams();
  if (place.q) given.set("q", place.q);
  if (place.states?.size) given.set("state", [...place.states].sort().join(","));
  if (place.ns) given.set("ns", place.ns);
  if (place.wrong) given.set("wrong", "1");
  const sort = `${place.isDown ? "-" : ""}${place.order ?? "host"}`;
  if (sort !== "host") given.set("sort", sort);
  if (place.vs) given.set("vs", place.vs);
  if (place.ask) given.set("ask", place.ask);
  const query = given.toString();
  return `#/${place.view}${query ? `?${query}` : ""}`;
}

/** Give the place where the reader is. */
function here() {
  return placeOf(location.hash);
}

/** Go to another place: a step that the back button undoes, or none (`isStep` false) while somebody types. */
function go(changes, isStep = true) {
  const address = addressOf({ ...here(), ...changes });
  if (address === location.hash) return;
  if (isStep) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  dispatchEvent(new Event("hashchange"));
}

/** Make a link to a place. */
function link(changes, text, attributes = {}) {
  return make("a", { href: addressOf({ ...here(), ...changes }), ...attributes }, text);
}

/** Make a link to the explanation of something, beside the view where the reader is. */
function askLink(question, text = question, attributes = {}) {
  return link({ ask: question }, text, { "data-key": `ask ${question}`, ...attributes });
}
