// All hosts, those that somebody looks for, and why each is as it is.
"use strict";

const HOST_COLUMNS = [
  { name: "host", label: "Host", least: 220, share: 2.2, sorts: true, draw: row => link({ ask: row.id }, row.host, { tabindex: -1, title: row.host }) },
  { name: "state", label: "State", least: 104, sorts: true, draw: row => [sign(row.state), ` ${row.state}`] },
  { name: "problems", label: "Problems", least: 96, sorts: true, draw: row => row.problems ? [sign("warning"), ` ${row.problems}`] : "" },
  { name: "namespace", label: "Namespace", least: 110, share: 1, sorts: true, draw: row => row.namespaces.join(", ") },
  { name: "virtual_service", label: "Virtual service", least: 150, share: 1.4, sorts: true, draw: row => row.virtual_service },
  { name: "address", label: "Address", least: 110, share: 0.8, draw: row => row.addresses.join(", ") },
  { name: "tls", label: "TLS", least: 104, draw: row => row.tls },
  { name: "servers", label: "Servers", least: 84, sorts: true, isNumber: true, draw: row => row.servers.toLocaleString("en") },
];

/** The view of hosts: a bar to filter by, a grid, and the explanation of one. */
class HostsView {
  constructor(explanation) {
    this.element = document.getElementById("hosts");
    this.listing = new Listing();
    this.search = make("input", { type: "search", id: "search", placeholder: "Search hosts, or ns:shop -state:live", "aria-label": "Search hosts", "aria-describedby": "hosts-found", autocomplete: "off", spellcheck: "false",
      on: { input: () => go({ q: this.search.value }, false), keydown: event => this.searched(event) } });
    this.states = STATES.map(state => make("button", { type: "button", class: "toggle", "aria-pressed": "false", "data-state": state,
      on: { click: () => this.toggle(state) } }, sign(state), ` ${state} `, make("span", { class: "number" })));
    this.wrong = make("button", { type: "button", class: "toggle", "aria-pressed": "false", on: { click: () => go({ wrong: !here().wrong }) } }, sign("warning"), " with problems ", make("span", { class: "number" }));
    this.namespaces = make("select", { "aria-label": "Namespace", on: { change: () => go({ ns: this.namespaces.value }) } });
    this.found = make("p", { id: "hosts-found", class: "found", role: "status" });
    this.others = make("p", { class: "faint", title: "Ask for one by its name, such as Ingress/default/shop, to learn why" });
    this.none = make("div", { class: "none", hidden: true });
    this.grid = new Grid({ label: "Hosts", columns: HOST_COLUMNS, keyOf: row => row.id,
      opened: (row, isFollowed) => { go({ ask: row.id }); if (isFollowed) explanation.focus(); }, sorted: name => this.order(name) });
    this.element.append(
      make("h1", { class: "unseen" }, "Hosts"),
      make("div", { class: "bar", role: "search", "aria-label": "Filter hosts" }, this.search, this.namespaces, make("div", { class: "toggles", role: "group", "aria-label": "State" }, this.states, this.wrong), make("div", { class: "sums" }, this.found, this.others)),
      this.none, this.grid.element);
  }

  /** Show what a place asks for, of the picture as it is; `changed` rows are marked. */
  show(place, picture, changed) {
    if (this.search.value !== place.q) this.search.value = place.q;
    this.sayNamespaces(picture, place.ns);
    const counts = picture.counts();
    for (const button of this.states) press(button, place.states.has(button.dataset.state), counts[button.dataset.state]);
    let wrong = 0;
    for (const row of picture.rows.values()) wrong += row.problems > 0;
    press(this.wrong, place.wrong, wrong);
    this.rows = this.listing.rows(picture, place);
    const all = picture.rows.size;
    this.found.textContent = this.rows.length === all ? many(all, "host") : `${this.rows.length.toLocaleString("en")} of ${many(all, "host")}`;
    this.others.textContent = picture.not_ours ? `${many(picture.not_ours, "object")} not ours` : "";
    this.grid.show(this.rows, { order: place.order, isDown: place.isDown, chosen: place.ask, changed });
    this.grid.element.hidden = this.rows.length === 0;
    this.none.hidden = this.rows.length > 0;
    if (this.rows.length === 0) this.sayNone(place, picture, all);
  }

  sayNone(place, picture, all) {
    if (!picture.works && all === 0) {
      refill(this.none, blank("This replica stands by", "It watches, and takes over if the one that works ends. What is served is shown there."));
      return;
    }
    if (all === 0) {
      refill(this.none, blank("No host yet", "Nothing in the cluster asks for a host that is ours.", "What is not ours can be asked for by name, such as Ingress/default/shop: that says why."));
      return;
    }
    refill(this.none, blank("No host is like that"),
      make("p", { class: "choices" },
        link({ q: "", states: new Set(), ns: "", wrong: false }, "Show all hosts", { "data-key": "all" }),
        place.q && askLink(place.q, `Ask why there is no “${place.q}”`)));
  }

  sayNamespaces(picture, chosen) {
    const names = picture.namespaces();
    if (chosen && !names.includes(chosen)) names.push(chosen);
    const said = names.join("\n");
    if (said !== this.said) {
      this.said = said;
      this.namespaces.replaceChildren(make("option", { value: "" }, "All namespaces"), ...names.map(name => make("option", { value: name }, name)));
    }
    this.namespaces.value = chosen;
  }

  searched(event) {
    if (event.key === "ArrowDown") { event.preventDefault(); if (this.rows.length) this.grid.enter(); }
    if (event.key === "Escape" && this.search.value) { event.preventDefault(); event.stopPropagation(); go({ q: "" }, false); }
    if (event.key !== "Enter") return;
    if (this.rows.length > 0) this.grid.enter();
    else if (this.search.value) go({ ask: this.search.value.trim() });
  }

  toggle(state) {
    const states = new Set(here().states);
    if (!states.delete(state)) states.add(state);
    go({ states });
  }

  order(name) {
    const { order, isDown } = here();
    go({ order: name, isDown: order === name && !isDown });
  }

  focus() {
    this.grid.element.focus();
  }
}

/** Show a toggle as pressed or not, with how many there are of its kind. */
function press(button, isPressed, count) {
  button.setAttribute("aria-pressed", isPressed);
  button.lastChild.textContent = count.toLocaleString("en");
}
