// What is wrong, by reason, with what to do about it.
"use strict";

const FEW = 20;
const MORE = 200;

/** The view of problems. */
class ProblemsView {
  constructor() {
    this.element = document.getElementById("problems");
    this.shownOf = new Map();
    this.search = make("input", { type: "search", placeholder: "Search problems", "aria-label": "Search problems", autocomplete: "off", spellcheck: "false", on: { input: () => go({ q: this.search.value }, false) } });
    this.found = make("p", { class: "found", role: "status" });
    this.list = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Problems" });
    this.element.append(make("h1", { class: "unseen" }, "Problems"),
      make("div", { class: "bar", role: "search", "aria-label": "Filter problems" }, this.search, this.found), this.list);
  }

  /** Show what a place asks for, of the picture as it is. */
  show(place, picture) {
    if (this.search.value !== place.q) this.search.value = place.q;
    this.picture = picture;
    const words = place.q.toLowerCase().split(/\s+/).filter(Boolean);
    const text = one => [one.about, one.reason, one.message, one.remedy, ...(one.hosts ?? [])].join("\n").toLowerCase();
    const found = picture.problems.filter(one => words.every(word => text(one).includes(word)));
    const all = Math.max(picture.problems.length, picture.problems_in_all);
    this.found.textContent = found.length === all ? many(all, "problem") : `${found.length.toLocaleString("en")} of ${many(all, "problem")}`;
    const groups = Map.groupBy(found, one => one.reason);
    const sorted = [...groups].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
    refill(this.list, found.length === 0 && (all ? blank("No problem is like that") : blank("Nothing is wrong", "All that asks to be served is served as it asks.")),
      sorted.map(([reason, problems]) => this.group(reason, problems)));
  }

  group(reason, problems) {
    const shown = this.shownOf.get(reason) ?? FEW;
    const rest = problems.length - shown;
    const remedies = [...new Set(problems.map(one => one.remedy).filter(Boolean))];
    const isOne = remedies.length === 1;
    return make("section", { class: "group" },
      make("h2", {}, sign("warning"), ` ${reason} `, make("span", { class: "count" }, problems.length.toLocaleString("en"))),
      isOne && make("p", { class: "remedy" }, make("span", { class: "label" }, "to do"), " ", remedies[0]),
      make("ul", { class: "cards two" }, problems.slice(0, shown).map(one => this.card(one, isOne))),
      rest > 0 && make("p", {}, make("button", { type: "button", "data-key": `more ${reason}`, on: { click: () => this.showMore(reason, shown) } }, `Show ${many(Math.min(rest, MORE), "more", "more")} of ${rest.toLocaleString("en")}`)));
  }

  card(one, isRemedySaid) {
    const hosts = one.hosts ?? [];
    const left = (one.hosts_in_all ?? hosts.length) - Math.min(hosts.length, FEW);
    return make("li", {},
      make("p", { class: "card-title" }, askLink(one.about, one.about, { "data-key": `about ${one.about} ${one.message}` })),
      make("div", {}, make("p", {}, one.message),
        !isRemedySaid && one.remedy && make("p", { class: "remedy" }, make("span", { class: "label" }, "to do"), " ", one.remedy),
        hosts.length > 0 && make("p", { class: "faint" }, hosts.slice(0, FEW).flatMap((id, n) => [n ? ", " : "", askLink(id, this.picture.rows.get(id)?.host ?? id, { "data-key": `host ${one.about} ${one.reason} ${id}` })]),
          left > 0 && ` and ${left.toLocaleString("en")} more`)));
  }

  showMore(reason, shown) {
    this.shownOf.set(reason, shown + MORE);
    this.show(here(), this.picture);
  }

  focus() {
    this.list.focus();
  }
}

