// The picture of hosts, virtual service, pools and servers: columns of boxes, and what leads from one to the other.
"use strict";

const BOX = { height: 40, gap: 8, least: 104 };
const ROOMY = 720;
const MOST_SERVERS = 4;

/** Give the tree of a virtual service, in the shape of `/api/topology/tree`, from explanations of its hosts. */
function treeOf(name, hosts) {
  const pools = new Map();
  for (const pool of hosts.flatMap(host => host.pools ?? [])) pools.set(pool.name, pool);
  return {
    name,
    addresses: [...new Set(hosts.flatMap(host => host.addresses ?? []))],
    hosts: hosts.map(host => ({
      id: host.host,
      rules: (host.rules ?? []).map(rule => ({ match: rule.match, action: rule.action, pools: poolsIn(rule.action, pools) })),
    })),
    hosts_in_all: hosts.length,
    pools: [...pools.values()],
  };
}

/** Give the pools that an action names: `pool A`, or `pools A 80 %, B 20 %`. */
function poolsIn(action, pools) {
  return [...new Set(action.split(/[\s,]+/))].filter(word => pools.has(word));
}

/** Give the boxes of a tree by column, and the pairs of boxes that are joined. */
function boxesOf(tree) {
  const service = { key: "vs", title: tree.name, under: (tree.addresses ?? []).join(", ") || "no address" };
  const hosts = tree.hosts.map(host => ({ key: `h ${host.id}`, title: host.id, under: many(host.rules?.length ?? 0, "rule"), ask: host.id }));
  const joined = hosts.map(host => [host.key, service.key]);
  const pools = [];
  const servers = [];
  for (const pool of tree.pools) {
    const key = `p ${pool.name}`;
    pools.push({ key, title: pool.service || pool.name, under: pool.name, ask: pool.name });
    joined.push([service.key, key]);
    for (const server of serverBoxes(pool)) {
      servers.push(server);
      joined.push([key, server.key]);
    }
  }
  return { columns: [["Hosts", hosts], ["Virtual service", [service]], ["Pools", pools], ["Servers", servers]], joined };
}

function serverBoxes(pool) {
  const all = pool.servers ?? [];
  if (all.length === 0) return [{ key: `s ${pool.name}`, title: "no server", under: "nobody answers", isBad: true }];
  const boxes = all.slice(0, MOST_SERVERS).map(server => ({
    key: `s ${pool.name} ${server.address} ${server.port}`,
    title: server.port ? `${server.address}:${server.port}` : server.address,
    under: server.pod || server.node || "",
  }));
  const left = all.length - boxes.length;
  if (left > 0) boxes.push({ key: `s ${pool.name} more`, title: `${left.toLocaleString("en")} more`, under: "in the explanation", ask: pool.name });
  return boxes;
}

/** Draw a tree in an element that is in the document already: its width decides how wide the boxes are. */
function drawChain(element, tree) {
  const { columns, joined } = boxesOf(tree);
  const between = element.clientWidth < ROOMY ? 22 : 44;
  const width = Math.max(BOX.least, Math.floor((element.clientWidth - 3 * between - 2) / 4));
  const tallest = Math.max(...columns.map(([, boxes]) => boxes.length));
  const height = Math.max(1, tallest) * (BOX.height + BOX.gap) - BOX.gap;
  const spots = new Map();
  const lists = columns.map(([title, boxes], n) => {
    const left = n * (width + between);
    const inset = boxes.length === 1 ? Math.min((height - BOX.height) / 2, 240) : 0;
    boxes.forEach((box, row) => spots.set(box.key, { left, top: inset + row * (BOX.height + BOX.gap) }));
    const list = make("ul", {}, boxes.map(box => boxOf(box, spots.get(box.key), width)));
    list.style.height = `${height}px`;
    const column = make("section", {}, make("h3", {}, `${title} (${boxes.length.toLocaleString("en")})`), list);
    column.style.left = `${left}px`;
    column.style.width = `${width}px`;
    return column;
  });
  const lines = linesOf(joined, spots, { width, between, height });
  const field = make("div", { class: "chain-field" }, lines, lists);
  field.style.width = `${4 * width + 3 * between}px`;
  field.style.height = `${height + 28}px`;
  element.replaceChildren(field);
  markWays(field, tree);
}

function boxOf(box, spot, width) {
  const words = [make("span", { class: "chain-title" }, box.title), make("span", { class: "chain-under" }, box.under)];
  const item = make("li", { class: box.isBad ? "box bad" : "box", "data-box": box.key, title: `${box.title}\n${box.under}` },
    box.ask ? askLink(box.ask, "", { "data-key": `box ${box.key}` }) : make("span", {}));
  item.firstChild.append(...words);
  item.style.top = `${spot.top}px`;
  item.style.width = `${width}px`;
  return item;
}

function linesOf(joined, spots, { width, between, height }) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("width", 4 * width + 3 * between);
  svg.setAttribute("height", height);
  svg.setAttribute("aria-hidden", "true");
  for (const [from, to] of joined) {
    const path = document.createElementNS(space, "path");
    const [x, y] = [spots.get(from).left + width, spots.get(from).top + BOX.height / 2];
    const [u, v] = [spots.get(to).left, spots.get(to).top + BOX.height / 2];
    path.setAttribute("d", `M${x} ${y}C${x + between / 2} ${y} ${u - between / 2} ${v} ${u} ${v}`);
    path.dataset.from = from;
    path.dataset.to = to;
    svg.append(path);
  }
  return svg;
}

/** Let a host show its way: its pools and their servers stand out while it is pointed at, or has the focus. */
function markWays(field, tree) {
  const ways = new Map(tree.hosts.map(host => [`h ${host.id}`, new Set((host.rules ?? []).flatMap(rule => rule.pools ?? []))]));
  const mark = key => {
    const pools = ways.get(key);
    field.classList.toggle("marked", Boolean(pools));
    const isOn = box => box === key || box === "vs" || [...(pools ?? [])].some(name => box === `p ${name}` || box.startsWith(`s ${name} `) || box === `s ${name}`);
    for (const box of field.querySelectorAll("[data-box]")) box.classList.toggle("on", Boolean(pools) && isOn(box.dataset.box));
    for (const line of field.querySelectorAll("path")) line.classList.toggle("on", Boolean(pools) && isOn(line.dataset.from) && isOn(line.dataset.to));
  };
  const over = event => mark(event.target.closest?.("[data-box]")?.dataset.box);
  field.addEventListener("pointerover", over);
  field.addEventListener("focusin", over);
  field.addEventListener("pointerleave", () => mark());
  field.addEventListener("focusout", () => mark());
}
