// What was done last, what waits and what ends that, what others changed, and whether all is well.
"use strict";

/** The view of activity. */
class ActivityView {
  constructor() {
    this.element = document.getElementById("activity");
    this.list = make("div", { class: "scroll activity", tabindex: 0, role: "region", "aria-label": "Activity" });
    this.element.append(make("h1", { class: "unseen" }, "Activity"), this.list);
  }

  /** Show the picture as it is. */
  show(place, picture) {
    this.picture = picture;
    const section = (title, content) => make("section", { class: "group" }, make("h2", {}, title), content);
    refill(this.list,
      make("div", {}, section("Waits", this.waits(picture.waits)), section("Last passes", this.passes(picture.passes))),
      make("div", {}, section("Readiness", this.checks(picture.checks)), section("Changed by others", this.drift(picture.drift))));
  }

  waits(waits) {
    if (waits.length === 0) return make("p", { class: "faint" }, "Nothing waits.");
    return make("ul", { class: "cards" }, waits.map(wait => make("li", {},
      make("p", { class: "card-title" }, sign("warning"), " ", wait.what),
      make("p", {}, wait.why),
      wait.ends && make("p", { class: "remedy" }, make("span", { class: "label" }, "ends it"), " ", wait.ends),
      wait.id && make("p", { class: "faint" }, "id to confirm: ", make("code", {}, wait.id)))));
  }

  checks(checks) {
    if (checks.length === 0) return make("p", { class: "faint" }, "No check has been told.");
    return table(["Check", "State", "Since", "What is so"], checks.map(check => [
      make("span", { class: "short" }, check.name),
      make("span", { class: "short" }, sign(check.is_met ? "good" : "bad"), check.is_met ? " met" : " not met"),
      make("span", { class: "short" }, clock(check.since)),
      [check.detail ?? "", check.remedy && make("p", { class: "remedy" }, make("span", { class: "label" }, "to do"), " ", check.remedy)],
    ]));
  }

  drift(drift) {
    if (drift.length === 0) return make("p", { class: "faint" }, "Nobody else has changed objects of ours.");
    return table(["When", "Object", "Fields", "What came of it"], drift.map(one => [make("span", { class: "short" }, clock(one.at)), one.object, (one.fields ?? []).join(", "), one.what]));
  }

  passes(passes) {
    if (passes.length === 0) return make("p", { class: "faint" }, "No pass has changed anything yet.");
    return table(["When", "Why", "Done", "Hosts"], passes.map(pass => [
      make("span", { class: "short", title: pass.words }, clock(pass.at)),
      (pass.causes ?? []).join(", "),
      [pass.failed > 0 && sign("bad"), ...this.done(pass), make("span", { class: "faint short" }, ` in ${Number(pass.seconds).toFixed(2)} s`)],
      this.hosts(pass),
    ]));
  }

  done(pass) {
    return ["created", "updated", "deleted", "failed", "skipped"].filter(what => pass[what]).flatMap((what, n) => [n > 0 && ", ", make("span", { class: "short" }, `${pass[what].toLocaleString("en")} ${what}`)]);
  }

  hosts(pass) {
    const hosts = pass.hosts ?? [];
    const left = (pass.hosts_in_all ?? hosts.length) - hosts.length;
    return [...hosts.flatMap((id, n) => [n ? ", " : "", askLink(id, this.picture.rows.get(id)?.host ?? id, { "data-key": `pass ${pass.at} ${pass.plan} ${id}` })]),
      left > 0 ? ` and ${left.toLocaleString("en")} more` : ""];
  }

  focus() {
    this.list.focus();
  }
}

/** Make a table with a head. */
function table(heads, rows) {
  return make("table", {}, make("thead", {}, make("tr", {}, heads.map(head => make("th", { scope: "col" }, head)))),
    make("tbody", {}, rows.map(cells => make("tr", {}, cells.map(cell => make("td", {}, [cell].flat()))))));
}
