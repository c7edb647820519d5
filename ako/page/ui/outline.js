// The lines of an explanation, in the words in which a terminal prints them.
"use strict";

const MANY_LINES = 12;

/** Make a list of lines, each with the lines that belong to it. */
function outlineOf(lines) {
  return make("ul", { class: "outline" }, lines.map(lineOf));
}

function lineOf(line) {
  const tone = line.tone ?? "plain";
  const words = [
    tone in SIGNS && sign(tone),
    line.label && make("span", { class: "label" }, line.label),
    " ",
    make("span", { class: "text" }, textOf(line)),
  ];
  const below = line.lines ?? [];
  return make("li", { "data-tone": tone },
    make("p", { class: "line" }, words),
    line.remedy && make("p", { class: "remedy" }, make("span", { class: "label" }, "to do"), " ", line.remedy),
    below.length > MANY_LINES ? folded(below) : below.length > 0 && outlineOf(below));
}

/** Give the text of a line; what leads on from it is a link, and no more than that: its name, where the text has it. */
function textOf({ text = "", asks }) {
  if (!asks || asks === here().ask) return text;
  const name = [asks, asks.slice(asks.indexOf("/") + 1)].find(one => text.includes(one));
  if (!name) return text ? [text, " ", askLink(asks)] : askLink(asks);
  const at = text.indexOf(name);
  return [text.slice(0, at), askLink(asks, name), text.slice(at + name.length)];
}

/** Show the first of many lines; the rest when asked for. */
function folded(lines) {
  const rest = lines.slice(MANY_LINES);
  return [
    outlineOf(lines.slice(0, MANY_LINES)),
    make("details", {}, make("summary", { "data-key": `more ${rest[0].text}` }, `${rest.length.toLocaleString("en")} more`), outlineOf(rest)),
  ];
}

/** Give an explanation as text, for the clipboard. */
function outlineText(lines, depth = 0) {
  return lines.flatMap(line => [
    `${"  ".repeat(depth)}${[line.label, line.text].filter(Boolean).join(" ")}`,
    ...(line.remedy ? [`${"  ".repeat(depth + 1)}to do: ${line.remedy}`] : []),
    ...outlineText(line.lines ?? [], depth + 1),
  ]);
}
