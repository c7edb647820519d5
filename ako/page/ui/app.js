// Puts the page together: one source, one picture, one place, four views.
"use strict";

const LINKS = {
  loading: "loading", live: "live", lost: "reconnecting", stale: "stale", refused: "not permitted", off: "switched off", file: "file",
};
const STALE_MS = 10000;

/** The page. */
class App {
  constructor() {
    this.explanation = new Explanation(() => { go({ ask: "" }); this.view().focus(); });
    this.views = { hosts: new HostsView(this.explanation), services: new ServicesView(), problems: new ProblemsView(), activity: new ActivityView() };
    document.getElementById("view").append(this.explanation.element);
    this.changed = new Set();
    this.picture = null;
    this.redraw = oncePerFrame(() => this.draw());
    addEventListener("hashchange", () => { this.fileFault = ""; this.redraw(); });
    addEventListener("popstate", this.redraw);
    addEventListener("beforeprint", () => this.picture && layOut({ place: here(), picture: this.picture, rows: this.view().rows ?? [], explanation: this.explanation }));
    addEventListener("afterprint", clearPaper);
    startThemes();
    startKeys(() => this.view());
    this.startFiles();
    if (location.protocol === "file:") this.sayBlank("Open a file", "Choose the archive that ako inspect made, or drop it here. It is read in this browser, and goes nowhere.");
    else this.open(new LiveSource(this.told()));
  }

  view() {
    return this.views[here().view];
  }

  /** Show another source, and leave the one before. */
  open(source) {
    this.source?.stop();
    this.source = source;
    source.run?.();
  }

  told() {
    return {
      link: (state, words) => this.link(state, words),
      topology: topology => this.take(topology),
      change: change => {
        for (const id of this.picture.apply(change)) this.changed.add(id);
        this.seenAt = Date.now();
        this.redraw();
      },
    };
  }

  take(topology) {
    this.picture = new Picture(topology);
    this.seenAt = Date.now();
    this.redraw();
    this.picture.index();
  }

  /** Say how the page stands to the controller, and since when it knows nothing new. */
  link(state, words) {
    clearTimeout(this.aging);
    if (state === "live") this.lostAt = 0;
    if (state === "lost") {
      this.lostAt ||= Date.now();
      if (Date.now() - this.lostAt >= STALE_MS) state = "stale";
      else this.aging = setTimeout(() => this.link("lost", words), STALE_MS);
    }
    const since = this.lostAt && this.picture ? ` since ${clock(this.lostAt)}` : "";
    this.sayLink(state, `${LINKS[state]}${since}`, words);
    if (this.picture) this.redraw();
    else if (state !== "live") this.sayBlank(...this.wordsFor(state, words));
  }

  sayLink(state, text, words = "") {
    const element = document.getElementById("link");
    element.dataset.state = state;
    element.title = words;
    this.linkWords = words;
    const said = document.getElementById("link-words");
    if (said.textContent !== text) said.textContent = text;
  }

  wordsFor(state, words) {
    if (state === "refused") return ["Not permitted", words || "Who asks is not let in.", "What is between this browser and the controller refuses. Ask whoever runs it for the right to reach its port."];
    if (state === "off") return ["The page is switched off", words, "The controller runs with ako.ui.enabled off."];
    return ["The controller does not answer", words, "The page asks again by itself."];
  }

  sayBlank(title, ...words) {
    const element = document.getElementById("blank");
    element.hidden = false;
    refill(element, make("h1", { class: "blank-title" }, title), words.filter(Boolean).map(word => make("p", {}, word)));
  }

  draw() {
    if (!this.picture) return;
    const place = here();
    const { picture, changed } = this;
    this.changed = new Set();
    document.getElementById("blank").hidden = true;
    for (const name of VIEWS) {
      this.views[name].element.hidden = name !== place.view;
      const tab = document.getElementById(`nav-${name}`);
      if (name === place.view) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    this.views[place.view].show(place, picture, changed, this.source);
    this.explanation.show(this.source, place.ask);
    document.getElementById("view").classList.toggle("explained", place.ask !== "");
    if ([...changed].some(id => id === place.ask || picture.rows.get(id)?.sources.includes(place.ask))) this.explanation.changed();
    this.sayTop(place, picture);
  }

  sayTop(place, picture) {
    const { cluster, version } = picture.about;
    const brand = document.getElementById("cluster");
    brand.textContent = cluster;
    brand.title = version && `ako ${version}`;
    badge("nav-problems", Math.max(picture.problems.length, picture.problems_in_all));
    badge("nav-activity", picture.waits.length + picture.checks.filter(check => !check.is_met).length);
    const titles = { hosts: "Hosts", services: "Virtual services", problems: "Problems", activity: "Activity" };
    document.title = [place.ask || place.vs, titles[place.view], cluster].filter(Boolean).join(" · ");
    const words = this.fileFault ? this.fileFault
      : !this.source.isLive ? `${this.source.name}, as of ${clock(picture.about.at)}: what was so then. ${location.protocol === "file:" ? "Nothing here changes." : "Load the page anew to see the controller."}`
      : this.linkWords ? `Not live: ${this.linkWords}`
      : !picture.works ? "This replica stands by: another one does the work, and knows more." : "";
    sayNotice(words);
  }

  /** Let files be opened, by the button or by dropping one. */
  startFiles() {
    const input = document.getElementById("file");
    document.getElementById("open").addEventListener("click", () => input.click());
    input.addEventListener("change", () => { if (input.files[0]) this.openFile(input.files[0]); input.value = ""; });
    const drop = document.getElementById("drop");
    addEventListener("dragover", event => { event.preventDefault(); drop.hidden = false; });
    addEventListener("dragleave", event => { if (!event.relatedTarget) drop.hidden = true; });
    addEventListener("drop", event => {
      event.preventDefault();
      drop.hidden = true;
      if (event.dataTransfer.files[0]) this.openFile(event.dataTransfer.files[0]);
    });
  }

  async openFile(file) {
    try {
      const source = new FileSource(file.name, await documentOf(file));
      const picture = new Picture(source.topology);
      this.open(source);
      clearTimeout(this.aging);
      this.sayLink("file", LINKS.file);
      Object.assign(this, { picture, lostAt: 0, linkWords: "", fileFault: "" });
      this.redraw();
    } catch (fault) {
      this.fileFault = `${file.name} cannot be opened: ${fault.message}.`;
      sayNotice(this.fileFault);
    }
  }
}

/** Say something above the view; nothing where there is nothing to say. */
function sayNotice(words) {
  const notice = document.getElementById("notice");
  notice.hidden = !words;
  if (notice.textContent !== words) notice.textContent = words;
}

/** Show a number beside a view; none where there is nothing. */
function badge(id, number) {
  const element = document.querySelector(`#${id} .count`);
  element.hidden = number === 0;
  element.textContent = number.toLocaleString("en");
}

new App();
