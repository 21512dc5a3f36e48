// Joins the compiled modules of each program into few files under dist/bundle: reading hundreds of small files is most of what a
// start takes. The compiled modules stay beside it, for those who import them by name; the program itself as `cli.modules.js`.
import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { rolldown } from "rolldown";
import { parseSync, Visitor } from "rolldown/utils";

/** What is started as a program: each becomes a line that imports its bundle. */
const APP = ["cli.js", "mcp/catalog/search/build-worker.js"];
/** Packages that stay as they are installed: native ones, and those that look for files of their own beside them. */
const INSTALLED = /^(?:better-sqlite3|rolldown|open|ink|react|pino)(?:\/|$)|^@opentelemetry\//;
/** These run confined, with all they use of other packages inside: what they have to read lies in dist/bundle alone. */
const SERVERS = [
  "servers/host/main.js",
  "servers/demo/main.js",
  "servers/plugin/runner.js",
  "servers/sandbox/harden.js",
];
/** What tools import of the host: bundled with it, so that both have one zod and one ToolError. */
const LIBRARIES = ["servers/host/tool-api.js", "servers/host/tool-zod.js"];

/** `dist`: the absolute path of the compiled modules. `app`: false leaves the command line as it was compiled, so that the lines it
 * ran can be told. */
export async function bundle(dist, app) {
  if (!app) for (const program of APP) copyFileSync(join(dist, program), join(dist, unbundled(program)));
  const modules = [
    ...(app ? await joined(dist, APP, (id) => id.startsWith("node:") || INSTALLED.test(id)) : []),
    ...(await joined(dist, [...SERVERS, ...LIBRARIES], (id) => id.startsWith("node:"))),
  ];
  const packages = new Set(modules.map(packageOf).filter((folder) => folder !== undefined));
  const rule = `\n${"-".repeat(80)}\n\n`;
  writeFileSync(join(dist, "bundle", "LICENSES.txt"), [...packages].sort().map(licence).join(rule));
}

/** Answers with the files that went in. */
async function joined(dist, programs, external) {
  const build = await rolldown({
    input: Object.fromEntries(programs.map((program) => [nameOf(program), join(dist, program)])),
    platform: "node",
    external,
    plugins: [{ name: "compiled", load: (file) => (file.startsWith(dist) ? compiled(file, dist) : null) }],
  });
  const folder = join(dist, "bundle");
  const { output } = await build.write({
    dir: folder,
    format: "esm",
    chunkFileNames: "[name]-[hash].js",
    comments: { legal: true, annotation: false, jsdoc: false }, // nobody reads a bundle, and each process that runs holds it
    plugins: [{ name: "ascii", generateBundle: (_, files) => Object.values(files).forEach(escaped) }],
  });
  await build.close();
  for (const program of programs) {
    const path = relative(dirname(join(dist, program)), join(folder, `${nameOf(program)}.js`))
      .split(sep)
      .join("/");
    const place = path.startsWith(".") ? path : `./${path}`;
    renameSync(join(dist, program), join(dist, unbundled(program)));
    const exported = output.find(({ name, isEntry }) => isEntry && name === nameOf(program)).exports;
    const passedOn = exported.length === 0 ? "" : `export { ${exported.join(", ")} } from "${place}";\n`;
    writeFileSync(join(dist, program), passedOn || `#!/usr/bin/env node\nimport "${place}";\n`);
  }
  return output.flatMap(({ moduleIds = [] }) => moduleIds);
}

function unbundled(program) {
  return program.replace(/\.js$/, ".modules.js");
}

function nameOf(program) {
  return program.replace(/\.js$/, "").replaceAll("/", "-");
}

/** A module finds the files beside it from where it was compiled to, not from its bundle. */
function compiled(file, dist) {
  const place = `new URL("../${relative(dist, file).split(sep).join("/")}", import.meta.url).href`;
  let code = readFileSync(file, "utf8");
  for (const { start, end } of urlsIn(code)) code = `${code.slice(0, start)}${place}${code.slice(end)}`;
  return { code };
}

/** One character beyond Latin-1 and V8 keeps the whole file with two bytes for each: as an escape it means the same wherever it may
 * stand in code, and after a backslash takes the place of both. */
function escaped(file) {
  if (file.type !== "chunk") return;
  file.code = file.code.replace(/\\[\s\S]|[^\x00-\x7f]/g, (found) => {
    const code = found.charCodeAt(found.length - 1);
    return code > 0x7f ? `\\u${code.toString(16).padStart(4, "0")}` : found;
  });
}

/** Each `import.meta.url` that is code and no text, the last first. */
function urlsIn(code) {
  if (!code.includes("import.meta.url")) return [];
  const found = [];
  const visitor = new Visitor({
    MemberExpression: (node) => {
      if (node.object.type === "MetaProperty" && !node.computed && node.property.name === "url") found.push(node);
    },
  });
  visitor.visit(parseSync("module.js", code).program);
  return found.sort((a, b) => b.start - a.start);
}

function packageOf(file) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
  return `${name} ${version} (${license})\n\n${text}`;
}
