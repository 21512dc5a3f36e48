// The house (CONTRIBUTING.md): an import goes down, never up, and other people's code never meets the app's own.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, it } from "vitest";
import { root } from "./support/banyan.js";

/** Ground first. Rooms on one line do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ["src/supervision"],
  ["src/actors", "src/llm"],
  ["src/mcp/client"],
  ["src/mcp/host", "src/mcp/catalog"],
  ["src/mcp/server", "src/mcp/server-tree.ts"],
  ["src/chat"],
  ["src/ui"],
  ["src/application.ts"],
  ["src/serve-application.ts"],
  ["src/host.ts"],
  ["src/cli"],
  ["src/cli.ts"],
];
/** Run in processes of their own, and import nothing of src/; nor does that import them. */
const APART = ["servers", "tools"];

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsBelow(folder: string): Import[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => {
      const from = posix.join(folder, file.replaceAll("\\", "/"));
      const found = readFileSync(join(root, from), "utf8").matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.[^"]+)"/g);
      return Array.from(found, ([, path = ""]) => ({
        from,
        to: posix.join(posix.dirname(from), path).replace(/\.js$/, ".ts"),
      }));
    });
}

const isIn = (room: string, file: string): boolean => file === room || file.startsWith(`${room}/`);
const floorOf = (file: string): number => FLOORS.findIndex((rooms) => rooms.some((room) => isIn(room, file)));
const roomOf = (file: string): string | undefined => FLOORS.flat().find((room) => isIn(room, file));
const words = ({ from, to }: Import): string => `${from} imports ${to}`;

it("an import goes down: no floor knows one above it, nor a room the one beside it", () => {
  const imports = importsBelow("src");
  expect(imports.length).toBeGreaterThan(1_000);
  expect(imports.filter(({ from, to }) => floorOf(from) < 0 || floorOf(to) < 0).map(words)).toEqual([]);
  const against = imports.filter(({ from, to }) => roomOf(from) !== roomOf(to) && floorOf(to) >= floorOf(from));
  expect(against.map(words)).toEqual([]);
});

it("tools and servers import nothing of the app, nor it of them", () => {
  const imports = APART.flatMap(importsBelow);
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.filter(({ to }) => !APART.some((room) => isIn(room, to))).map(words)).toEqual([]);
});
