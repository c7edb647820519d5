// Light or dark: as the system has it, until somebody chooses.
"use strict";

const THEMES = ["system", "light", "dark"];

/** Remember a word for the next visit; where nothing may be remembered, for this one only. */
function remember(name, word) {
  try { localStorage.setItem(`ako.${name}`, word); } catch { /* forbidden, or a file */ }
}

/** Give the word that was remembered, or the other one. */
function remembered(name, otherwise) {
  try { return localStorage.getItem(`ako.${name}`) ?? otherwise; } catch { return otherwise; }
}

/** Give the theme that was chosen. */
function theme() {
  return THEMES.find(one => one === remembered("theme", "system")) ?? "system";
}

/** Let the button say which theme there is, and go on to the next. */
function startThemes() {
  const { dataset } = document.documentElement;
  const button = document.getElementById("theme");
  const say = () => { button.textContent = `Theme: ${dataset.theme}`; };
  button.addEventListener("click", () => {
    dataset.theme = THEMES[(THEMES.indexOf(dataset.theme) + 1) % THEMES.length];
    remember("theme", dataset.theme);
    say();
  });
  say();
}

// At once, before anything is painted: not deferred as the other scripts are.
document.documentElement.dataset.theme = theme();
