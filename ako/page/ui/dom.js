// Elements. What comes from a cluster goes in as text, never as markup: there is no innerHTML in this page.
"use strict";

/** Make an element with attributes (`on`: listeners) and children; text stays text, null and false are left out. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (value !== null && value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== false && child !== undefined && child !== ""));
  return element;
}

/** Fill an element anew, and keep in it what a reader has: how far it is scrolled, and what has the focus (by `data-key`). */
function refill(element, ...children) {
  const { scrollTop } = element;
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  element.replaceChildren(...children.flat().filter(Boolean));
  element.scrollTop = scrollTop;
  if (focused) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

const SIGNS = {
  live: "●", pending: "◐", kept: "◆", rejected: "✕", unused: "○",
  good: "✓", warning: "!", bad: "✕",
};

/** Make the sign that goes before a word of state: its shape says what its colour says, and the word says both. */
function sign(tone) {
  return make("span", { class: "sign", "data-tone": tone, "aria-hidden": "true" }, SIGNS[tone] ?? "·");
}

/** Say how many there are of something, in the right number. */
function many(count, one, several = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

/** Say the time of day of a moment, with the date unless it is today. */
function clock(moment) {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return String(moment ?? "");
  const time = at.toLocaleTimeString("en-GB");
  return at.toDateString() === new Date().toDateString() ? time : `${at.toLocaleDateString("en-CA")} ${time}`;
}

/** Make what is shown where there is nothing to show: what is so, and what to do. */
function blank(title, ...words) {
  return make("div", { class: "blank" }, make("p", { class: "blank-title" }, title), words.map(word => make("p", {}, word)));
}

/** Make a way of running a function at the next frame, however often it is asked for until then. */
function oncePerFrame(work) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => { isDue = false; work(); });
  };
}
