// The files of a new plugin: a server with one tool that works, its test, and how it goes on. Nothing needs a build step, and the
// SDK and zod are Banyan's own copies until the plugin installs some. Names are checked before they get here, and stand in code as
// JSON all the same.
import { BanyanError } from "../../../supervision/index.js";

export interface NewPlugin {
  readonly name: string;
  readonly dependencies: readonly Dependency[];
  readonly typescript: boolean;
}

export interface Dependency {
  readonly name: string;
  /** As npm writes it: `^7.0.0`, `latest`; `*` where none was given. */
  readonly range: string;
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const PACKAGE = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(?:@([0-9A-Za-z^~<>=*.+-]{1,64}))?$/;
const LONGEST_PACKAGE = 214;

/** Throws a usage error. */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new BanyanError(
    "usage",
    `${JSON.stringify(name.slice(0, 100))} is no name for a plugin; use a-z, 0-9, "_" and "-", beginning with a letter or digit, at most 64.`,
  );
}

/** Of `undici`, `@scope/name` or `undici@^7`. Throws a usage error. */
export function dependencyFrom(written: string): Dependency {
  const [, name = "", range = "*"] = PACKAGE.exec(written) ?? [];
  if (name !== "" && name.length <= LONGEST_PACKAGE && !name.includes("..")) return { name, range };
  throw new BanyanError(
    "usage",
    `${JSON.stringify(written.slice(0, 100))} is no name of a package; write it as undici, @scope/name or undici@^7.`,
  );
}

/** By their names, in the order in which people should read them. */
export function scaffold({ name, dependencies, typescript }: NewPlugin): Readonly<Record<string, string>> {
  const end = typescript ? "ts" : "js";
  return {
    "package.json": `${JSON.stringify(manifest(name, dependencies, end), null, 2)}\n`,
    [`index.${end}`]: entry(name, end),
    [`greet.${end}`]: work(name, dependencies, typescript),
    [`greet.test.${end}`]: test(end),
    "README.md": readme(name, end),
  };
}

function manifest(name: string, dependencies: readonly Dependency[], end: string): object {
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    banyan: {
      entry: `index.${end}`,
      restart: "on-failure",
      max_memory: "256MB",
      timeout: "30s",
      permissions: { read: [], write: [], net: [] },
    },
    scripts: { test: `banyan plugins test ${name}` },
    dependencies: Object.fromEntries(dependencies.map((one) => [one.name, one.range])),
    // Banyan lends its own; npm does not install them.
    peerDependencies: { "@modelcontextprotocol/sdk": "1", zod: "4" },
    peerDependenciesMeta: { "@modelcontextprotocol/sdk": { optional: true }, zod: { optional: true } },
  };
}

function entry(name: string, end: string): string {
  return `// The plugin ${name}: an MCP server over stdio, in a process of its own. What it prints goes to its log.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { greet } from "./greet.${end}";

const server = new McpServer({ name: ${JSON.stringify(name)}, version: "0.1.0" });

server.registerTool(
  "greet",
  {
    title: "Greet",
    description: "Greet somebody by name. Use it to see that the plugin ${name} works.",
    inputSchema: { name: z.string().min(1).max(100).describe("Who is greeted") },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  ({ name }) => ({ content: [{ type: "text", text: greet(name) }] }),
);

await server.connect(new StdioServerTransport());
`;
}

function work(name: string, dependencies: readonly Dependency[], typescript: boolean): string {
  const imports = dependencies.map((one, at) => `import * as package${at + 1} from ${JSON.stringify(one.name)};\n`);
  const uses = dependencies.map((one, at) => `  ${JSON.stringify(one.name)}: package${at + 1},\n`);
  const packages = uses.length === 0 ? "" : `/** What it works with. */\nconst packages = {\n${uses.join("")}};\n\n`;
  const signature = typescript ? "(name: string): string" : "(name)";
  const from = JSON.stringify(`, from ${name}`);
  const body =
    uses.length === 0
      ? `  return "Hello, " + name + ${from} + ".";`
      : `  return "Hello, " + name + ${from} + " with " + Object.keys(packages).join(", ") + ".";`;
  return `// What the plugin does, apart from how it is asked, so that it can be tested by itself.
${imports.join("")}${imports.length === 0 ? "" : "\n"}${packages}export function greet${signature} {
${body}
}
`;
}

function test(end: string): string {
  return `// Run by banyan plugins test, in the sandbox the plugin runs in.
import assert from "node:assert/strict";
import test from "node:test";
import { greet } from "./greet.${end}";

test("greets by name", () => {
  assert.match(greet("Ada"), /^Hello, Ada, from /);
});
`;
}

function readme(name: string, end: string): string {
  return `# ${name}

A plugin of Banyan: its tools are \`${name}.greet\` and whatever you add to \`index.${end}\`.

    banyan plugins test ${name}
    banyan tools call ${name}.greet name=Ada

While Banyan runs, a change of a file is live as soon as it is saved. What it may do is in \`package.json\`: add a host it talks to to
\`banyan.permissions.net\`, such as \`"api.example.com"\`, and a folder it reads to \`banyan.permissions.read\`.
`;
}
