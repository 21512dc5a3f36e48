// What is wrong with tables that come from a file. Its checksum says that they are as somebody wrote them, and not who: numbers that
// point beyond a table's end would have a search go on for ever, or end the process again and again, since the file stays. So every number
// is looked at once, before any is believed.
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { fieldNames } from "./document.js";
import type { Packable, Packed } from "./packed.js";
import { MOST_BIGRAM } from "./spelling.js";

const diagnoses = z.array(z.looseObject({ file: z.string(), line: z.number(), problem: z.string() }));
const searchMeta = z.looseObject({
  fingerprint: z.string(),
  firsts: z.array(z.number()),
  roles: z.array(z.looseObject({ role: z.string(), documents: z.array(z.number()) })),
  diagnoses,
});
const text = z.string();
const entry = z.looseObject({ id: text, name: text, description: text, kind: text, capabilities: z.array(text) });
const file = z.looseObject({
  root: z.number(),
  path: text,
  size: z.number(),
  mtimeMs: z.number(),
  document: z.number(),
});
const rebuildMeta = z.array(file.extend({ diagnoses }));
/** Entries that are read before others may run. */
const A_STEP = 200;

class Fault extends Error {}

/** Of the tables that are searched; undefined where there is nothing wrong. */
export async function faultOfSearch(packed: Packed): Promise<string | undefined> {
  return faultOf(async () => {
    const tables = new Read(packed.arrays);
    const documents = tables.of("kinds", Uint8Array).length;
    tables.below("kinds", 4);
    const words = tables.strings("words");
    const stems = tables.of("postingStarts", Uint32Array).length - 1;
    tables.long("wordStem", words).below("wordStem", stems);
    tables.long("wordMarks", words);
    tables.long("bigramStarts", MOST_BIGRAM + 1).starts("bigramStarts", tables.of("bigramWords", Uint32Array).length);
    tables.below("bigramWords", words);
    const postings = tables.of("postingDocuments", Uint32Array).length;
    tables.starts("postingStarts", postings).below("postingDocuments", documents);
    tables.long("postingImpacts", postings, Uint16Array);
    const values = tables.strings("values");
    for (const name of ["clusters", "byId"]) tables.long(name, documents).below(name, documents);
    for (const name of ["plugins", "models"]) tables.long(name, documents).below(name, values);
    tables.long("tagStarts", tables.strings("tags") + 1);
    tables.starts("tagStarts", tables.of("tagDocuments", Uint32Array).length).below("tagDocuments", documents);
    const { roles } = searchMeta.parse(packed.meta);
    if (roles.some((role) => role.documents.some((at) => !Number.isInteger(at) || at < 0 || at >= documents)))
      throw new Fault("roles");
    if (tables.strings("entries") !== documents) throw new Fault("entries");
    let looked = 0;
    for (const said of tables.texts("entries")) {
      entry.parse(JSON.parse(said));
      if (++looked % A_STEP === 0) await nextTurn();
    }
  });
}

/** The same of what the next build begins with. */
export async function faultOfRebuild(packed: Packed): Promise<string | undefined> {
  return faultOf(async () => {
    const tables = new Read(packed.arrays);
    const documents = tables.of("termStarts", Uint32Array).length - 1;
    const terms = tables.of("terms", Uint32Array).length;
    tables.starts("termStarts", terms).long("counts", terms);
    tables.long("sketchStarts", documents + 1).starts("sketchStarts", tables.of("sketches", Uint32Array).length);
    tables.long("lengths", documents * fieldNames.length);
    if (rebuildMeta.parse(packed.meta).some(({ document: at }) => !Number.isInteger(at) || at < -1 || at >= documents))
      throw new Fault("files");
  });
}

async function faultOf(look: () => Promise<void>): Promise<string | undefined> {
  try {
    await look();
    return undefined;
  } catch (error) {
    return error instanceof Fault ? `says what cannot be in its ${error.message}` : "says what cannot be";
  }
}

type Kind = Uint8ArrayConstructor | Uint16ArrayConstructor | Uint32ArrayConstructor;

class Read {
  constructor(private readonly arrays: Packed["arrays"]) {}

  of(name: string, kind: Kind): Packable {
    const array = Object.hasOwn(this.arrays, name) ? this.arrays[name] : undefined;
    if (!(array instanceof kind)) throw new Fault(name);
    return array;
  }

  long(name: string, length: number, kind: Kind = name === "wordMarks" ? Uint8Array : Uint32Array): this {
    if (this.of(name, kind).length !== length) throw new Fault(name);
    return this;
  }

  /** All its numbers are less. */
  below(name: string, most: number): this {
    const array = this.arrays[name] ?? [];
    for (let at = 0; at < array.length; at++) if ((array[at] ?? 0) >= most) throw new Fault(name);
    return this;
  }

  /** Where the parts of a table of this length begin: none before the one before it. */
  starts(name: string, length: number): this {
    const array = this.of(name, Uint32Array);
    if (array.length === 0 || array[0] !== 0 || array.at(-1) !== length) throw new Fault(name);
    for (let at = 1; at < array.length; at++) if ((array[at] ?? 0) < (array[at - 1] ?? 0)) throw new Fault(name);
    return this;
  }

  /** How many there are. */
  strings(name: string): number {
    const bytes = this.of(`${name}.bytes`, Uint8Array);
    this.starts(`${name}.starts`, bytes.length);
    return this.of(`${name}.starts`, Uint32Array).length - 1;
  }

  *texts(name: string): Generator<string> {
    const [bytes, starts] = [this.of(`${name}.bytes`, Uint8Array), this.of(`${name}.starts`, Uint32Array)];
    const decoder = new TextDecoder();
    for (let at = 0; at + 1 < starts.length; at++) yield decoder.decode(bytes.subarray(starts[at], starts[at + 1]));
  }
}
