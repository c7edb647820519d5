// The running controller: its picture once, then what changes, for as long as the page is open.
"use strict";

const SILENCE_MS = 15000; // the controller says something every five seconds, if only that it is there
const WHOLE_MS = 60000; // in which the whole picture comes, however slow the line is
const SOON_MS = 1000;
const LATEST_MS = 10000;
const NEVER_MS = 2 ** 31 - 1;
const HIDDEN_MS = 60000; // a page that nobody sees keeps its place for so long: there are few

/** An answer that is none: the status, and the words that came with it. */
class Refusal extends Error {
  constructor(status, words, retryAfter) {
    super(words || `the controller answered ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Ask the controller; a `Refusal` if it does not answer with what was asked for. */
async function asked(url, options = {}) {
  const response = await fetch(url, { cache: "no-store", credentials: "same-origin", ...options });
  if (response.ok) return response;
  const words = (await response.text()).trim().slice(0, 300);
  throw new Refusal(response.status, words.startsWith("<") ? "" : words, Number(response.headers.get("Retry-After")) || 0);
}

/** Give the events of a stream one by one, as `{event, data, id}`; a comment has no data. */
async function* eventsOf(stream) {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const parts = text.split(/\r?\n\r?\n/);
    text = parts.pop();
    for (const part of parts) yield eventOf(part);
    if (parts.length === 0) yield {};
  }
}

/** Read one event. */
function eventOf(part) {
  const event = {};
  for (const line of part.split(/\r?\n/)) {
    const [, name, value] = /^([a-z]*): ?(.*)$/.exec(line) ?? [];
    if (name) event[name] = name === "data" && "data" in event ? `${event.data}\n${value}` : value;
  }
  return event;
}

/** Reads a running controller. `told` is called with what comes: `link(state, words)`, `topology(value)`, `change(value)`. */
class LiveSource {
  constructor(told) {
    this.told = told;
    this.isLive = true;
    this.isStopped = false;
    this.seen = null;
    this.wake = () => {};
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => this.seenOrNot());
  }

  /** End: another source is shown. */
  stop() {
    this.isStopped = true;
    this.hangUp?.abort();
    this.wake();
  }

  /** Go on when the page is seen again; hang up once it was not for a while. */
  seenOrNot() {
    clearTimeout(this.hiding);
    if (document.hidden) this.hiding = setTimeout(() => this.hangUp?.abort(), HIDDEN_MS);
    else this.wake();
  }

  /** Read for as long as the page shows this source. */
  async run() {
    let wait = SOON_MS;
    while (!this.isStopped) {
      try {
        if (this.seen === null) await this.readAll();
        if (this.isStopped) return;
        await this.follow();
        if (this.seen === null) await this.pause(SOON_MS); // while masses change, each stream begins with a reset
        wait = SOON_MS;
      } catch (fault) {
        if (this.isStopped) return;
        this.told.link(stateAfter(fault), fault instanceof Refusal ? fault.message : "");
        await this.pause(document.hidden ? NEVER_MS : fault.retryAfter ? fault.retryAfter * 1000 : wait);
        wait = Math.min(LATEST_MS, wait * 2);
      }
    }
  }

  async readAll() {
    this.hangUp = new AbortController();
    const late = setTimeout(() => this.hangUp.abort(), WHOLE_MS);
    const topology = await asked("api/topology", { signal: this.hangUp.signal }).then(answer => answer.json()).finally(() => clearTimeout(late));
    if (this.isStopped) return;
    this.told.topology(topology);
    this.seen = `${topology.instance}:${topology.version}`;
  }

  /** Take in what changes, until the stream ends or the picture has to be read anew. */
  async follow() {
    this.hangUp = new AbortController();
    let silence;
    const listen = () => { clearTimeout(silence); silence = setTimeout(() => this.hangUp.abort(), SILENCE_MS); };
    try {
      listen();
      const options = { headers: { "Last-Event-ID": this.seen }, signal: this.hangUp.signal };
      const response = await asked("api/topology/events", options);
      this.told.link("live", "");
      for await (const { event, data, id } of eventsOf(response.body)) {
        listen();
        if (event === "reset" || (id && !this.isOfSame(id))) { this.seen = null; return; }
        if (event !== "change") continue;
        this.told.change(JSON.parse(data));
        if (id) this.seen = id;
      }
      throw new Error("the stream ended");
    } finally {
      clearTimeout(silence);
      this.hangUp.abort();
    }
  }

  isOfSame(id) {
    return id.split(":")[0] === this.seen.split(":")[0];
  }

  pause(ms) {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  /** Give the explanation of something. */
  async explain(question, signal) {
    return (await asked(`api/explain?${new URLSearchParams({ q: question })}`, { signal })).json();
  }

  /** Give what is behind a virtual service. */
  async tree({ name, tenant }, signal) {
    const query = new URLSearchParams({ virtual_service: name, ...(tenant ? { tenant } : {}) });
    return (await asked(`api/topology/tree?${query}`, { signal })).json();
  }
}

/** Say what it means for the page that the controller did not answer. */
function stateAfter(fault) {
  if (fault.status === 401 || fault.status === 403) return "refused";
  if (fault.status === 404) return "off";
  return "lost";
}
