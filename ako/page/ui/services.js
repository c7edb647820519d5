// The virtual services: who shares which, and a picture of what is behind one.
"use strict";

const SERVICE_COLUMNS = [
  { name: "name", label: "Virtual service", least: 200, share: 2, draw: one => link({ vs: serviceKey(one), ask: "" }, one.name, { tabindex: -1, title: one.name }) },
  { name: "state", label: "State", least: 104, draw: one => [sign(one.state), ` ${one.state}`] },
  { name: "kind", label: "Kind", least: 110, draw: one => one.kind === "shared" ? `shared ${one.shard ?? ""}` : one.kind },
  { name: "hosts", label: "Hosts", least: 80, isNumber: true, draw: one => one.hosts.toLocaleString("en") },
  { name: "address", label: "Addresses", least: 110, share: 1, draw: one => (one.addresses ?? []).join(", ") },
  { name: "tenant", label: "Tenant", least: 80, share: 0.6, draw: one => one.tenant },
];

/** The view of virtual services. */
class ServicesView {
  constructor() {
    this.element = document.getElementById("services");
    this.search = make("input", { type: "search", placeholder: "Search virtual services or addresses", "aria-label": "Search virtual services", autocomplete: "off", spellcheck: "false",
      on: { input: () => go({ q: this.search.value }, false), keydown: event => { if (["Enter", "ArrowDown"].includes(event.key)) { event.preventDefault(); if (this.rows.length) this.grid.enter(); } } } });
    this.found = make("p", { class: "found", role: "status" });
    this.grid = new Grid({ label: "Virtual services", columns: SERVICE_COLUMNS, keyOf: serviceKey,
      opened: (one, isFollowed) => { go({ vs: serviceKey(one), ask: "" }); if (isFollowed) this.title.focus(); }, sorted: () => {} });
    this.none = make("div", { class: "none", hidden: true });
    this.title = make("h2", { tabindex: -1 });
    this.told = make("div", { class: "told" });
    this.picture = make("figure", { class: "chain wide", tabindex: 0, "aria-label": "Hosts, pools and servers of the virtual service" });
    this.below = make("section", { class: "below", hidden: true }, this.title, this.told, this.picture);
    this.element.append(make("h1", { class: "unseen" }, "Virtual services"),
      make("div", { class: "bar", role: "search", "aria-label": "Filter virtual services" }, this.search, this.found), this.none, this.grid.element, this.below);
    new ResizeObserver(oncePerFrame(() => this.tree && drawChain(this.picture, this.tree))).observe(this.below);
  }

  /** Show what a place asks for, of the picture as it is. */
  show(place, picture, changed, source) {
    if (this.search.value !== place.q) this.search.value = place.q;
    const all = [...picture.virtual_services].sort((one, other) => (serviceKey(one) < serviceKey(other) ? -1 : 1));
    const words = place.q.toLowerCase().split(/\s+/).filter(Boolean);
    const text = one => [one.name, one.tenant, one.kind, one.state, ...(one.addresses ?? [])].join("\n").toLowerCase();
    this.rows = all.filter(one => words.every(word => text(one).includes(word)));
    this.found.textContent = this.rows.length === all.length ? many(all.length, "virtual service") : `${this.rows.length.toLocaleString("en")} of ${many(all.length, "virtual service")}`;
    this.grid.show(this.rows, { chosen: place.vs });
    this.grid.element.hidden = this.rows.length === 0;
    this.none.hidden = this.rows.length > 0;
    if (this.rows.length === 0) refill(this.none, all.length ? blank("No virtual service is like that") : blank("No virtual service yet", "The first host that is served makes one."));
    this.showOne(all.find(one => serviceKey(one) === place.vs), place.vs, changed, source, picture);
  }

  showOne(one, key, changed, source, picture) {
    this.below.hidden = key === "";
    this.element.classList.toggle("split", key !== "");
    if (key === "") { this.shown = ""; return; }
    this.title.textContent = one?.name ?? key;
    const isOther = this.shown !== key || this.source !== source;
    const hasChanged = one !== this.one || [...changed].some(id => picture.rows.get(id)?.virtual_service === one?.name);
    Object.assign(this, { shown: key, source, one });
    if (!one) this.say(blank("It is not there any more"));
    else if (isOther) this.ask();
    else if (hasChanged) this.again ??= setTimeout(() => { this.again = undefined; this.ask(); }, AGAIN_MS);
  }

  async ask() {
    const { one, source } = this;
    if (!one) return;
    this.hangUp?.abort();
    const { signal } = this.hangUp = new AbortController();
    try {
      const tree = await source.tree(one, signal);
      if (signal.aborted) return;
      this.tree = tree;
      refill(this.told, make("p", { class: "faint" }, this.words(one, tree, source)),
        make("p", { class: "choices" },
          make("a", { href: addressOf({ view: "hosts", q: `vs:"${one.name}"` }), "data-key": "its hosts" }, many(one.hosts, "host"), " in the list"),
          askLink(one.name, "Explain it")));
      drawChain(this.picture, tree);
    } catch (fault) {
      if (!signal.aborted) this.say(blank("No picture", fault.message));
    }
  }

  words(one, tree, source) {
    const all = tree.hosts_in_all ?? tree.hosts.length;
    if (!source.isLive && tree.hosts.length < one.hosts) return `The file explains ${tree.hosts.length} of its ${many(one.hosts, "host")}: these are drawn.`;
    return tree.hosts.length < all ? `The first ${tree.hosts.length} of ${many(all, "host")} are drawn.` : "Point at a host, or go to it with Tab, and its way stands out.";
  }

  say(element) {
    this.tree = null;
    this.picture.replaceChildren();
    refill(this.told, element);
  }

  focus() {
    this.grid.element.focus();
  }
}
