// The entries an engine is measured with: those of the corpus, and others made of their sentences; the same ones in every run.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findFiles } from "../../dist/mcp/catalog/reading/find-files.js";
import { readEntry } from "../../dist/mcp/catalog/reading/read-entry.js";

/** `{ entry, body }` of each file of the corpus. */
export async function realEntries(root) {
  const { files } = await findFiles(root);
  return files.flatMap((file) => {
    const { entry, body } = readEntry(file, readFileSync(join(root, file.path), "utf8"));
    return entry === undefined ? [] : [{ entry: { id: `${file.kind}:${file.plugin}/${file.place}`, ...entry }, body }];
  });
}

/** `count` entries, the real ones first; those that are made have so many characters of text. */
export function* grown(real, count, characters) {
  const sentences = real.flatMap(({ entry, body }) =>
    `${entry.description}\n${body}`.split(/(?<=[.!?])\s+|\n+/).filter((line) => line.length > 30),
  );
  const words = real.flatMap(({ entry }) => entry.name.split("-"));
  const next = randomNumbers(7);
  const one = (list) => list[Math.floor(next() * list.length)];
  for (let at = 0; at < count; at++) {
    if (at < real.length) {
      yield { entry: real[at].entry, body: real[at].body.slice(0, characters) };
      continue;
    }
    const { entry } = one(real);
    const name = `${one(words)}-${one(words)}-${one(words)}`;
    const plugin = `${entry.plugin}-${at % 400}`;
    let body = `# ${name}\n`;
    while (body.length < characters) body += `${one(sentences)}\n`;
    const description = `${one(sentences)} ${one(sentences)}`.slice(0, 400);
    yield { entry: { ...entry, id: `${entry.kind}:${plugin}/${name}-${at}`, name, plugin, description }, body };
  }
}

/** Those that people asked, and words of entries as people may ask for them, every fifth word misspelled. */
export function queriesOf(data, real) {
  const asked = JSON.parse(readFileSync(join(data, "queries.json"), "utf8")).map(({ query }) => query);
  const next = randomNumbers(11);
  const texts = real.map(({ entry }) => entry.description.split(/\W+/).filter((word) => word.length > 3));
  while (asked.length < 500) {
    const words = texts[Math.floor(next() * texts.length)];
    if (words.length < 8) continue;
    const start = Math.floor(next() * (words.length - 6));
    const picked = words.slice(start, start + 2 + Math.floor(next() * 4));
    asked.push(picked.map((word) => (next() < 0.2 ? word.slice(0, 2) + word.slice(3) : word)).join(" "));
  }
  return asked;
}

/** Mulberry32: numbers that look random, the same each time. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
