// The program dies in the middle of a change of the tools: after each single step on the disk, half-written files included. Whatever the
// moment, the next one to open the library finds one whole version: what was there before, or what was to be, to the byte.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { LibraryError } from "../../../src/mcp/host/library/library-error.js";
import { ToolLibrary } from "../../../src/mcp/host/library/tool-library.js";

class Died extends Error {}

/** How many changes of the disk are still made. */
const life = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, die: (): Error => new Error("died") }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const lives = (): boolean => life.left-- > 0;
  const step = <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      if (!lives()) throw life.die();
      return work(...args);
    };
  };
  /** Of a write that is cut short, half is on the disk. */
  const halved = (write: (text: string) => Promise<unknown>) => async (text: string) => {
    if (lives()) return write(text);
    if (life.left === -1) await write(text.slice(0, text.length / 2));
    throw life.die();
  };
  const open = async (file: string, flags: string | number, mode?: number) => {
    if (flags === "r") return { sync: async () => {}, close: async () => {} }; // a folder, to be flushed
    if (flags !== "wx" && flags !== "a") return real.open(file, flags, mode);
    if (!lives()) throw life.die();
    const handle = await real.open(file, flags, mode);
    return {
      writeFile: halved((text) => handle.writeFile(text)),
      appendFile: halved((text) => handle.appendFile(text)),
      sync: async () => {},
      close: () => handle.close(),
    };
  };
  return { ...real, open, rename: step(real.rename), rm: step(real.rm) };
});

/** Memory where there is some: thousands of small files are copied here. */
const scratch = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const folders: string[] = [];

beforeEach(() => {
  life.left = Number.POSITIVE_INFINITY;
  life.die = () => new Died("the program is gone");
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(scratch, "banyan-library-"));
  folders.push(folder);
  return folder;
}

function libraryIn(folder: string): ToolLibrary {
  return new ToolLibrary({ data: join(folder, "data"), staged: join(folder, "staged"), reserved: [] });
}

/** File by file, as it lies on the disk. */
function contentOf(folder: string): Record<string, string> {
  const tools = join(folder, "data", "tools");
  return Object.fromEntries(
    readdirSync(tools)
      .sort()
      .map((file) => [file, readFileSync(join(tools, file), "utf8")]),
  );
}

/** As the other folder is; only the lock stays, which this very program may hold open. */
function copyInto(folder: string, from: string): void {
  const keep = (path: string): boolean => !path.endsWith(".lock");
  for (const part of ["data/tools", "data/snapshots"]) {
    for (const name of readdirSync(join(folder, part), { withFileTypes: true })) {
      if (keep(name.name)) rmSync(join(folder, part, name.name), { recursive: true });
    }
  }
  cpSync(from, folder, { recursive: true, filter: keep });
}

const by = { by: "a test" };
const js = { ...by, language: "js" as const };

/** Some versions to go to and fro between. */
async function prepare(folder: string): Promise<void> {
  const library = libraryIn(folder);
  await library.write("one", "// one", js);
  await library.write("two", "// two", js);
  await library.markGood((await library.current()).tree);
  await library.write("two", "// two is another one now", js);
  await library.write("three", "// three", js);
}

const changes: Record<string, (library: ToolLibrary) => Promise<unknown>> = {
  "a tool is created": (library) => library.write("four", "// four", js),
  "a tool is changed": (library) => library.write("one", "// one, changed", js),
  "a tool becomes TypeScript": (library) => library.write("one", "// one, typed", { ...by, language: "ts" }),
  "a tool is deleted": (library) => library.remove("one", by),
  "a snapshot is restored": (library) => library.restore("2", by),
  "the last known good is restored": async (library) => library.rollBackFrom((await library.current()).tree),
};

for (const [name, change] of Object.entries(changes)) {
  test(`killed at any moment while ${name}, the folder is whole at the next start`, async () => {
    const ends = new Set<string>();
    const [prepared, folder] = [newFolder(), newFolder()];
    await prepare(prepared);
    cpSync(prepared, folder, { recursive: true });
    for (let steps = 0; ; steps++) {
      copyInto(folder, prepared);
      const before = contentOf(folder);
      life.left = steps;
      const survived = await change(libraryIn(folder)).then(
        () => true,
        (error) => {
          expect(error).toBeInstanceOf(Died);
          return false;
        },
      );
      life.left = Number.POSITIVE_INFINITY;

      const library = libraryIn(folder);
      expect(await library.open()).toEqual([]);
      const after = contentOf(folder);
      const snapshots = await library.snapshots();
      expect(snapshots.at(-1)?.tree).toBe((await library.current()).tree);
      const isChanged = JSON.stringify(after) !== JSON.stringify(before);
      ends.add(JSON.stringify(after));
      // Who was told that it is done finds it done; the history tells of a change once, if there was one.
      if (survived) expect(isChanged).toBe(true);
      const told = (await library.history()).filter(({ snapshot }) => snapshot === snapshots.at(-1)?.id);
      const keys = told.map(({ tool, at }) => `${tool} ${at}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(told.length).toBeGreaterThan(0);
      expect(snapshots).toHaveLength(isChanged ? 6 : 5);
      expect(readdirSync(join(folder, "data", "snapshots")).filter((file) => /new|journal|damaged/.test(file))).toEqual(
        [],
      );
      if (survived) break;
    }
    // Either the one or the other, nothing in between.
    expect(ends.size).toBe(2);
  });
}

test("killed again while what was interrupted is brought to its end, it is brought to its end by the next one", async () => {
  const folder = newFolder();
  await prepare(folder);
  for (let steps = 0, deaths = 0; ; steps++) {
    life.left = steps % 30;
    try {
      await libraryIn(folder).restore("2", by);
      life.left = Number.POSITIVE_INFINITY;
      break;
    } catch (error) {
      if (error instanceof LibraryError) {
        expect(error.code).toBe("nothing_to_restore");
        life.left = Number.POSITIVE_INFINITY;
        break;
      }
      deaths++;
      expect(deaths).toBeLessThan(100);
    }
  }
  expect(contentOf(folder)).toEqual({ "one.js": "// one" });
  expect(await libraryIn(folder).open()).toEqual([]);
});

const names = ["a", "b", "c"];
const move = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    name: fc.constantFrom(...names),
    code: fc.constantFrom("1", "2", "3"),
  }),
  fc.record({ kind: fc.constant("remove" as const), name: fc.constantFrom(...names) }),
  fc.record({ kind: fc.constant("restore" as const), back: fc.nat(9) }),
  fc.record({ kind: fc.constant("good" as const) }),
  fc.record({ kind: fc.constant("rollback" as const) }),
);
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

async function make(library: ToolLibrary, what: Move): Promise<void> {
  const snapshots = await library.snapshots();
  const { tree } = await library.current();
  switch (what.kind) {
    case "write":
      return void (await library.write(what.name, `// ${what.code}`, js));
    case "remove":
      return void (await library.remove(what.name, by));
    case "restore":
      return void (await library.restore(snapshots.at(-1 - what.back)?.id ?? "0", by));
    case "good":
      return library.markGood(tree);
    case "rollback":
      return void (await library.rollBackFrom(tree));
  }
}

test("after any row of changes and deaths the tools are one version that was there, and the last known good is never lost", async () => {
  const moves = fc.array(fc.tuple(move, fc.option(fc.nat(25), { freq: 2, nil: undefined })), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(moves, async (row) => {
      const folder = newFolder();
      /** Every version that was the whole content at some time, as it is on the disk. */
      const seen = new Map<string, string>();
      let good: string | undefined;
      for (const [what, death] of row) {
        const tree = (await libraryIn(folder).current()).tree;
        life.left = death ?? Number.POSITIVE_INFINITY;
        let done = false;
        try {
          await make(libraryIn(folder), what);
          done = true;
        } catch (error) {
          if (!(error instanceof Died || error instanceof LibraryError)) throw error;
        }
        life.left = Number.POSITIVE_INFINITY;
        const library = libraryIn(folder);
        expect(await library.open()).toEqual([]);
        const now = await library.current();
        const snapshots = await library.snapshots();
        if (done && what.kind === "good" && now.tools.length > 0) good = tree;
        if (what.kind === "rollback" && good === tree) good = undefined;
        // The same tree is the same bytes, always.
        const bytes = JSON.stringify(now.tools.map(({ file, source }) => [file, source]));
        expect(seen.get(now.tree) ?? bytes).toBe(bytes);
        seen.set(now.tree, bytes);
        if (snapshots.length > 0) expect(snapshots.at(-1)?.tree).toBe(now.tree);
        expect(snapshots.length).toBeLessThanOrEqual(12);
        for (const { id, tree: kept } of snapshots) {
          const differs = (await library.diff(id)).length > 0; // throws if one of its files is lost
          expect(differs).toBe(kept !== now.tree);
        }
        if (good !== undefined) expect(snapshots.filter((each) => each.good).map((each) => each.tree)).toContain(good);
      }
    }),
    { numRuns: 10 },
  );
});
