import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archive } from "../../tools/archive.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

type HeaderArgument = Parameters<ReturnType<typeof pack>["entry"]>[0];

const work = makeWorkspace();
afterAll(() => work.remove());

const call = (args: Record<string, unknown>, signal?: AbortSignal) =>
  callTool(archive, args, { root: work.root, ...(signal && { signal }) });
const extract = (path: string, to: string) => call({ action: "extract", path, to });
const content = (path: string) => readFileSync(join(work.root, path), "utf8");
const exists = (path: string) => existsSync(join(work.root, path));

async function tarOf(entries: readonly (readonly [HeaderArgument, string])[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, body] of entries) tar.entry(header, body);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces);
}

beforeAll(() => {
  work.write("project/readme.md", "read me\n");
  work.write("project/src/a.ts", "a".repeat(200_000));
  work.write("project/src/ünïcode 漢字.txt", "ü");
  work.write("project/node_modules/x.js", "x");
  chmodSync(work.write("project/run.sh", "#!/bin/sh\n"), 0o755);
  mkdirSync(join(work.root, "project/empty"));
  symlinkSync(work.outside, join(work.root, "project/out"));
});

describe("archive", () => {
  it.each(["zip", "tar", "tar.gz", "tgz"])("packs, lists and unpacks %s, byte for byte", async (ending) => {
    const path = `made/${ending}/backup.${ending}`;
    const created = await call({ action: "create", path, paths: ["project"], exclude: ["node_modules"] });
    expect(created.texts).toEqual([
      `Packed 7 entries, 200 kB, into ${path}.`,
      "(1 symbolic link or special file left out.)",
    ]);
    expect((await call({ action: "list", path })).texts).toEqual([
      [
        "project/  (folder)",
        "project/empty/  (folder)",
        "project/src/  (folder)",
        "project/src/a.ts  (200 kB)",
        "project/src/ünïcode 漢字.txt  (2 bytes)",
        "project/readme.md  (8 bytes)",
        "project/run.sh  (10 bytes)",
      ].join("\n"),
      "(7 entries, 200 kB unpacked.)",
    ]);
    expect((await call({ action: "extract", path })).text).toBe(
      `Unpacked 4 files, 200 kB, into made/${ending}/backup/.`,
    );
    const unpacked = `made/${ending}/backup/project`;
    expect(content(`${unpacked}/src/a.ts`)).toBe("a".repeat(200_000));
    expect(content(`${unpacked}/src/ünïcode 漢字.txt`)).toBe("ü");
    expect(readdirSync(join(work.root, unpacked)).sort()).toEqual(["empty", "readme.md", "run.sh", "src"]);
    expect(statSync(join(work.root, unpacked, "run.sh")).mode & 0o100).toBe(0o100);
    expect(statSync(join(work.root, unpacked, "readme.md")).mode & 0o111).toBe(0);
    expect(readdirSync(join(work.root, `made/${ending}`)).sort()).toEqual(["backup", `backup.${ending}`]);
  });

  it("makes archives that the system's own tar reads, and reads what it makes", async () => {
    await call({ action: "create", path: "ours.tar.gz", paths: ["project/src"] });
    expect(execFileSync("tar", ["tzf", join(work.root, "ours.tar.gz")], { encoding: "utf8" })).toContain(
      "project/src/a.ts\n",
    );
    const long = `project/src/${"long-name-".repeat(20)}`;
    work.write(long, "long");
    execFileSync("tar", ["czf", "theirs.tgz", "project/src"], { cwd: work.root });
    expect((await extract("theirs.tgz", "theirs")).text).toContain("Unpacked 3 files");
    expect(content(`theirs/${long}`)).toBe("long");
  });

  it("neither packs itself nor overwrites an archive unless told", async () => {
    work.write("self/a.txt", "a");
    await call({ action: "create", path: "self/all.zip", paths: ["self"] });
    expect((await call({ action: "create", path: "self/all.zip", paths: ["self"] })).text).toBe(
      '"self/all.zip" exists already; choose another name or set overwrite.',
    );
    const again = await call({ action: "create", path: "self/all.zip", paths: ["self"], overwrite: true });
    expect(again.text).toBe("Packed 2 entries, 1 byte, into self/all.zip.");
  });

  it("unpacks only into a folder that is new or empty", async () => {
    work.write("small.zip", zipSync({ "a.txt": strToU8("a") }));
    work.write("taken/old.txt", "old");
    mkdirSync(join(work.root, "hollow"));
    expect((await extract("small.zip", "taken")).text).toBe(
      '"taken" exists already and is not an empty folder; name a new one as to.',
    );
    expect((await extract("small.zip", ".")).text).toContain("The working folder itself cannot be replaced");
    expect((await extract("small.zip", "hollow")).isError).toBe(false);
    expect(content("hollow/a.txt")).toBe("a");
    expect(readdirSync(join(work.root, "taken"))).toEqual(["old.txt"]);
  });
});

describe("an archive from a stranger", () => {
  const refused = async (name: string, bytes: Uint8Array, why: string | RegExp) => {
    work.write(name, bytes);
    const to = `from-${name}`;
    const { isError, text } = await extract(name, to);
    expect(isError, name).toBe(true);
    expect(text).toMatch(why);
    expect(exists(to)).toBe(false);
  };

  it.each([
    "../escaped.txt",
    "a/../../escaped.txt",
    "/escaped.txt",
    "..\\escaped.txt",
    "C:\\escaped.txt",
    "c:/escaped.txt",
  ])("is refused whole for an entry named %s, as zip and as tar", async (name) => {
    const zip = zipSync({ "good.txt": strToU8("good"), [name]: strToU8("owned") });
    await refused("slip.zip", zip, /is refused and nothing was unpacked: .* names a place outside the folder/);
    const tar = await tarOf([
      [{ name: "good.txt" }, "good"],
      [{ name }, "owned"],
    ]);
    await refused("slip.tar", tar, /names a place outside the folder/);
  });

  it("is refused for links and special files", async () => {
    const good: [HeaderArgument, string] = [{ name: "good.txt" }, "good"];
    const soft = await tarOf([good, [{ name: "l", type: "symlink", linkname: work.outside }, ""]]);
    const hard = await tarOf([good, [{ name: "l", type: "link", linkname: "/etc/passwd" }, ""]]);
    const pipe = await tarOf([good, [{ name: "p", type: "fifo" }, ""]]);
    await refused("soft.tar", soft, "is a link, which could lead outside");
    await refused("hard.tgz", gzipSync(hard), "is a link, which could lead outside");
    await refused("pipe.tar", pipe, "is no regular file or folder");
    const link = zipSync({ l: [strToU8("/etc"), { os: 3, attrs: (0o120777 << 16) >>> 0 }] });
    await refused("link.zip", link, "is a link, which could lead outside");
    expect((await call({ action: "list", path: "soft.tar" })).texts[0]).toBe("good.txt  (4 bytes)\nl  (link)");
  });

  it("is refused for the same file twice, and for a file used as a folder", async () => {
    const twice = await tarOf([
      [{ name: "a" }, "1"],
      [{ name: "./a" }, "2"],
    ]);
    const through = await tarOf([
      [{ name: "a" }, "1"],
      [{ name: "a/b" }, "2"],
    ]);
    await refused("twice.tar", twice, "is there twice");
    await refused("through.tar", through, "goes through a file as if it were a folder");
  });

  it("is refused when it unpacks to far more than its size, without filling the disk", async () => {
    const zeros = Buffer.alloc(40_000_000);
    const tar = gzipSync(await tarOf([[{ name: "zeros" }, zeros.toString("latin1")]]));
    const zip = zipSync({ zeros }, { level: 9 });
    await refused("bomb.tgz", tar, "unpacks to more than 200 times its size");
    await refused("bomb.zip", zip, "unpacks to more than 200 times its size");
    expect((await call({ action: "list", path: "bomb.zip" })).text).toContain("zeros  (40 MB)");
  });

  it("is refused for too many entries", async () => {
    const many = zipSync(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i}`, new Uint8Array(0)])));
    await refused("many.zip", many, "holds more than 10000 entries");
  });

  it("is not believed about its sizes and checksums", async () => {
    const zip = Buffer.from(zipSync({ "a.txt": strToU8("hello hello hello hello") }));
    const directory = zip.indexOf("PK\x01\x02");
    const smaller = Buffer.from(zip);
    smaller.writeUInt32LE(3, directory + 24);
    const otherSum = Buffer.from(zip);
    otherSum.writeUInt32LE(7, directory + 16);
    const far = Buffer.from(zip);
    far.writeUInt32LE(0x7fffffff, directory + 42);
    const locked = Buffer.from(zip);
    locked.writeUInt16LE(1, directory + 8);
    await refused("smaller.zip", smaller, "does not match its checksum");
    await refused("sum.zip", otherSum, "does not match its checksum");
    await refused("far.zip", far, "an entry is missing");
    await refused("locked.zip", locked, "is protected by a password");
  });

  it("that is cut off, empty or no archive at all ends in a sentence", async () => {
    const tar = await tarOf([[{ name: "a", size: 5_000 }, "x".repeat(5_000)]]);
    await refused("cut.tar", tar.subarray(0, 2_000), "is damaged or no archive of its kind");
    await refused("cut.tgz", gzipSync(tar).subarray(0, 40), "is damaged or no archive of its kind");
    await refused("cut.zip", zipSync({ a: strToU8("a") }).subarray(0, 60), "it has no directory at its end");
    await refused("text.zip", strToU8("this is no archive\n".repeat(100)), "is damaged or no archive of its kind");
    await refused("garbage.zip", strToU8(`PK${"x".repeat(500)}`), "it has no directory at its end");
  });

  it("leaves nothing behind when its caller cancels", async () => {
    work.write("stopped.zip", zipSync({ a: strToU8("a"), b: strToU8("b") }));
    const stop = new AbortController();
    stop.abort(new Error("not any more"));
    const args = { action: "extract", path: "stopped.zip", to: "stopped" };
    await expect(call(args, stop.signal)).rejects.toThrow("not any more");
    expect(exists("stopped")).toBe(false);
  });

  it("nothing of all that reached the folder outside, and no temporary folder stays", () => {
    expect(readdirSync(work.outside)).toEqual(["secret.txt"]);
    expect(readdirSync(join(work.root, "..")).sort()).toEqual(["outside", "work"]);
    expect(readdirSync(work.root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
