// A file that `ako inspect` made, read in the browser: nothing of it goes anywhere.
"use strict";

const BLOCK = 512;
const DOCUMENT = "page.json";

/** Unpack what gzip packed. */
async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Give the file of a tar archive that is called so, in whatever folder; null if there is none. */
function fileOfTar(bytes, wanted) {
  const text = (from, length) => new TextDecoder().decode(bytes.subarray(from, from + length)).split("\0")[0];
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12).trim() || "0", 8);
    if (!(size >= 0)) throw new Error("it is no archive, or not all of one");
    const body = at + BLOCK;
    const isFile = ["", "0"].includes(text(at + 156, 1)); // and not what some tools tell of a file before it, under its name
    if (isFile && text(at, 100).split("/").pop() === wanted) return bytes.subarray(body, body + size);
    at = body + Math.ceil(size / BLOCK) * BLOCK;
  }
  return null;
}

/** Give the document of a file: an archive, packed or not, or the document itself; an `Error` that says what it is not. */
async function documentOf(file) {
  let bytes = new Uint8Array(await file.arrayBuffer());
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await unpacked(bytes);
  } catch {
    throw new Error("it is packed by gzip, and broken: copy it again");
  }
  if (String.fromCharCode(bytes[0] ?? 0) !== "{") bytes = fileOfTar(bytes, DOCUMENT);
  if (bytes === null) throw new Error(`there is no ${DOCUMENT} in it: it is not from ako inspect, or from an older one`);
  let found;
  try {
    found = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Error(`its ${DOCUMENT} is no JSON`);
  }
  if (!found.topology) throw new Error(`its ${DOCUMENT} has no topology: it is another file`);
  return found;
}

/** Answers from a file, as far as that goes. */
class FileSource {
  constructor(name, found) {
    this.name = name;
    this.topology = found.topology;
    this.explanations = new Map(Object.entries(found.explanations ?? {}));
    this.isLive = false;
  }

  stop() { /* nothing is under way */ }

  /** Give the explanation of something; an `Error` if it is not in the file. */
  async explain(question) {
    const found = this.explanations.get(question);
    if (found) return found;
    throw new Error("the file has no explanation of this: ask a running controller, or ako explain with the manifests");
  }

  /** Give what is behind a virtual service, as far as the explanations of its hosts say. */
  async tree({ name, tenant }) {
    const answers = [...this.explanations.values()].flatMap(one => one.answer?.hosts ?? []);
    const hosts = answers.filter(one => (one.parent || one.virtual_service) === name && (one.tenant ?? "") === (tenant ?? ""));
    return treeOf(name, hosts);
  }
}
