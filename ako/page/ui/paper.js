// What a printer gets: the explanation that is open, else the list as it is filtered, without what one clicks.
"use strict";

const MOST_ROWS = 1000;
const LISTS = {
  hosts: {
    one: "host",
    heads: ["Host", "State", "Problems", "Namespace", "Virtual service", "Address"],
    cells: row => [row.host, row.state, row.problems ? String(row.problems) : "", row.namespaces.join(", "), row.virtual_service, row.addresses.join(", ")],
  },
  services: {
    one: "virtual service",
    heads: ["Virtual service", "State", "Kind", "Hosts", "Addresses", "Tenant"],
    cells: one => [one.name, one.state, one.kind, String(one.hosts), (one.addresses ?? []).join(", "), one.tenant],
  },
};

/** Lay out the paper for what is shown; a view that has no long list is printed as it is. */
function layOut({ place, picture, rows, explanation }) {
  const content = contentOf(place, rows, explanation);
  if (!content) return;
  const paper = document.getElementById("paper");
  const about = `ako ${picture.about.version} · ${picture.about.cluster} · ${new Date().toLocaleString("en-GB")}`;
  paper.replaceChildren(make("p", { class: "paper-head" }, about), ...content);
  for (const fold of paper.querySelectorAll("details")) fold.open = true;
  document.body.classList.add("on-paper");
  paper.hidden = false;
}

function contentOf(place, rows, explanation) {
  if (place.ask && explanation.found) return [make("h1", {}, place.ask), outlineOf(explanation.found.outline ?? [])];
  const list = LISTS[place.view];
  if (!list || place.vs) return null;
  const words = rows.length > MOST_ROWS ? `The first ${MOST_ROWS.toLocaleString("en")} of ${many(rows.length, list.one)}` : many(rows.length, list.one);
  const filter = [place.q, ...place.states, place.ns && `namespace ${place.ns}`, place.wrong && "with problems"].filter(Boolean).join(", ");
  return [make("h1", {}, filter ? `${words}: ${filter}` : words), table(list.heads, rows.slice(0, MOST_ROWS).map(list.cells))];
}

/** Put the paper away. */
function clearPaper() {
  document.body.classList.remove("on-paper");
  const paper = document.getElementById("paper");
  paper.hidden = true;
  paper.replaceChildren();
}
