// What a printer gets: the explanation that is open, else the list as it is filtered, without what one clicks.
"use strict";

const MOST_ROWS = 1000;

/** Lay out the paper for what is shown. */
function layOut({ place, picture, rows, explanation }) {
  const paper = document.getElementById("paper");
  const head = make("p", { class: "paper-head" }, `ako ${picture.about.version} · ${picture.about.cluster} · ${new Date().toLocaleString("en-GB")}`);
  if (place.ask && explanation.found) {
    paper.replaceChildren(head, make("h1", {}, place.ask), outlineOf(explanation.found.outline ?? []));
  } else if (place.view === "hosts") {
    const shown = rows.slice(0, MOST_ROWS);
    const words = rows.length > MOST_ROWS ? `The first ${many(MOST_ROWS, "host")} of ${rows.length.toLocaleString("en")}` : many(rows.length, "host");
    const filter = [place.q, ...place.states, place.ns && `namespace ${place.ns}`, place.wrong && "with problems"].filter(Boolean).join(", ");
    paper.replaceChildren(head, make("h1", {}, filter ? `${words}: ${filter}` : words),
      table(["Host", "State", "Problems", "Namespace", "Virtual service", "Address"], shown.map(row =>
        [row.host, row.state, row.problems ? String(row.problems) : "", row.namespaces.join(", "), row.virtual_service, row.addresses.join(", ")])));
  } else {
    paper.replaceChildren();
    return;
  }
  document.body.classList.add("on-paper");
  paper.hidden = false;
}

/** Put the paper away. */
function clearPaper() {
  document.body.classList.remove("on-paper");
  const paper = document.getElementById("paper");
  paper.hidden = true;
  paper.replaceChildren();
}
