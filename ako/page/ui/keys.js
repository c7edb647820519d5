// Single keys, and the help that tells them. Who dictates or types by switches can turn the single keys off.
"use strict";

const KEYS = [
  ["/", "search"],
  ["↑ ↓ ← →, Home, End, Page", "walk in a list; on its head, Enter sorts"],
  ["Enter", "explain, and go to the explanation"],
  ["Space", "explain, and stay in the list"],
  ["Esc", "clear the search, or close the explanation"],
  ["1 2 3 4", "the views"],
  ["?", "this help"],
];

const WORDS = [
  ["shop example", "both words, in names, namespaces, addresses, sources or reasons"],
  ["ns:shop", "of a namespace; so too host, state, vs, source, address, tenant, tls, kind, shard"],
  ['vs:"cluster--shared-0"', "the whole name"],
  ["problem:certificate", "with a problem of that reason"],
  ["-state:live", "not that"],
];

/** Listen for keys; `view` gives the view that is shown. */
function startKeys(view) {
  const dialog = document.getElementById("help-dialog");
  const isOn = make("input", { type: "checkbox", id: "keys-on" });
  isOn.checked = remembered("keys", "on") === "on";
  isOn.addEventListener("change", () => remember("keys", isOn.checked ? "on" : "off"));
  const list = pairs => make("dl", {}, pairs.flatMap(([key, words]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)]));
  dialog.append(make("h2", { id: "help-title" }, "Help"), make("h3", {}, "Keys"), list(KEYS), make("h3", {}, "Search"), list(WORDS),
    make("p", {}, make("label", {}, isOn, " Single keys (/, ?, 1 to 4) are on")),
    make("p", {}, make("button", { type: "button", on: { click: () => dialog.close() } }, "Close")));
  document.getElementById("help").addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || dialog.open) return;
    if (event.key === "Escape" && here().ask) { go({ ask: "" }); view().focus(); return; }
    if (!isOn.checked || event.target.closest("input, select, textarea")) return;
    if (event.key === "/") view().search?.focus();
    else if (event.key === "?") dialog.showModal();
    else if (VIEWS[event.key - 1]) { location.hash = `#/${VIEWS[event.key - 1]}`; return; }
    else return;
    event.preventDefault();
  });
}
