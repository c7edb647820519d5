// The panel beside a view: why something is as it is.
"use strict";

const AGAIN_MS = 300;

/** Shows the explanation of what is asked for, and asks again when that changes. */
class Explanation {
  /** `closed` is called when the reader wants it gone. */
  constructor(closed) {
    this.question = "";
    this.title = make("h2", { class: "panel-title", tabindex: -1 });
    this.copy = make("button", { type: "button", on: { click: () => this.copyText() } }, "Copy");
    this.body = make("div", { class: "panel-body" });
    this.element = make("aside", { class: "panel", "aria-label": "Explanation", hidden: true },
      make("div", { class: "panel-head" }, this.title, this.copy, make("button", { type: "button", on: { click: closed } }, "Close")),
      this.body);
    this.element.addEventListener("keydown", event => { if (event.key === "Escape") { event.stopPropagation(); closed(); } });
    new ResizeObserver(oncePerFrame(() => this.drawPicture())).observe(this.body);
  }

  /** Explain something, or nothing where the question is empty. */
  show(source, question) {
    const isOther = question !== this.question || source !== this.source;
    this.element.hidden = question === "";
    if (!isOther) return;
    Object.assign(this, { source, question, found: null });
    this.title.textContent = question;
    if (question === "") { this.hangUp?.abort(); return; }
    this.body.replaceChildren(make("p", { class: "faint" }, "Asking …"));
    this.body.scrollTop = 0;
    this.ask();
  }

  /** Ask once more, soon: what it is about has changed. */
  changed() {
    if (this.question === "" || !this.source.isLive) return;
    this.again ??= setTimeout(() => { this.again = undefined; this.ask(); }, AGAIN_MS);
  }

  async ask() {
    if (this.question === "") return;
    this.hangUp?.abort();
    const { signal } = this.hangUp = new AbortController();
    try {
      const found = await this.source.explain(this.question, signal);
      if (!signal.aborted) this.draw(found);
    } catch (fault) {
      if (!signal.aborted) refill(this.body, this.failure(fault));
    }
  }

  failure(fault) {
    const again = this.source.isLive && make("button", { type: "button", "data-key": "again", on: { click: () => this.ask() } }, "Ask again");
    const element = blank("No explanation", fault.message);
    element.append(...[again].filter(Boolean));
    return element;
  }

  draw(found) {
    this.found = found;
    const hosts = found.answer?.hosts ?? [];
    this.picture = make("figure", { class: "chain", "aria-label": "The way of a request, from host to servers", tabindex: 0, "data-key": "chain" });
    const near = found.answer?.near ?? [];
    const lines = found.outline ?? [];
    refill(this.body,
      hosts.length === 1 && (hosts[0].pools ?? []).length > 0 && this.picture,
      lines.length > 0 ? outlineOf(lines) : near.length === 0 && blank("Nothing is known of it", `There is no host, object or address ${this.question}.`),
      near.length > 0 && lines.length === 0 && make("div", { class: "blank" }, make("p", {}, "Nothing is called so. Like it are:"),
        make("ul", {}, near.map(name => make("li", {}, askLink(name))))));
    this.drawPicture();
  }

  drawPicture() {
    const host = this.found?.answer?.hosts?.[0];
    if (!this.picture?.isConnected || !host) return;
    drawChain(this.picture, treeOf(host.parent || host.virtual_service || "none yet", [host]));
  }

  focus() {
    this.title.focus();
  }

  copyText() {
    const text = [this.question, ...outlineText(this.found?.outline ?? [], 1)].join("\n");
    navigator.clipboard?.writeText(text).then(() => this.sayCopied("Copied"), () => this.sayCopied("Not allowed"));
  }

  sayCopied(word) {
    this.copy.textContent = word;
    setTimeout(() => { this.copy.textContent = "Copy"; }, 1500);
  }
}
