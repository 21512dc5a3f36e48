// The pages of docs/supervision as programs. A page's ```ts blocks, in their order, are one module; a block that begins with
// `// name.ts` is a file of its own beside it, and one that begins with `// examples/name.ts` shows that file of the repository.
// All are compiled below dist/, where the name "banyan" leads to the package itself, and run as a reader would run them.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const pages = join(root, "docs", "supervision");

export interface Program {
  readonly name: string;
  readonly code: string;
  /** Where it is once it is compiled. */
  readonly module: string;
}

export interface Shown {
  readonly page: string;
  /** `examples/name.ts`. */
  readonly path: string;
  readonly text: string;
}

const block = /^```ts\n(.*?)^```$/gms;
const named = /^\/\/ ([\w/-]+\.ts)\n+/;

/** The markdown files of a folder. */
export function readPages(): { readonly name: string; readonly text: string }[] {
  return readdirSync(pages)
    .filter((file) => file.endsWith(".md"))
    .map((file) => ({ name: basename(file, ".md"), text: readFileSync(join(pages, file), "utf8") }));
}

/** Compiles every page and the examples they show; throws what the compiler says. */
export function compilePages(): { programs: Program[]; shown: Shown[]; remove: () => void } {
  const folder = mkdtempSync(join(root, "dist", ".pages-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const programs: Program[] = [];
  const shown: Shown[] = [];
  const write = (path: string, code: string): void => {
    mkdirSync(dirname(join(folder, "src", path)), { recursive: true });
    writeFileSync(join(folder, "src", path), code);
  };
  const program = (name: string, path: string, code: string): void => {
    write(`${path}.ts`, code);
    programs.push({ name, code, module: join(folder, "out", `${path}.js`) });
  };
  for (const { name, text } of readPages()) {
    const main: string[] = [];
    for (const [, code = ""] of text.matchAll(block)) {
      const path = named.exec(code)?.[1];
      if (path === undefined) main.push(code);
      else if (path.startsWith("examples/")) shown.push({ page: name, path, text: code.replace(named, "") });
      else write(`${name}/${path}`, code);
    }
    if (main.length > 0) program(`${name}.md`, `${name}/page`, main.join("\n"));
  }
  for (const { path } of shown) program(path, path.slice(0, -".ts".length), readFileSync(join(root, path), "utf8"));
  const compilerOptions = { rootDir: "src", outDir: "out", noUnusedLocals: false, noUnusedParameters: false };
  const project = { extends: "../../tsconfig.base.json", compilerOptions, include: ["src"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  if (status === 0) return { programs, shown, remove };
  remove();
  throw new Error(`the pages do not compile:\n${stdout}`);
}

/** What the code says it prints: the comment behind each `console.log(…);`. */
export function expectedLines(code: string): string[] {
  return Array.from(code.matchAll(/console\.log\(.*\)[;,]? \/\/ (.*)$/gm), ([, line = ""]) => line);
}

/** Runs a compiled program to its end: the lines it printed, what it complained of, and its exit code. */
export function runProgram(module: string): Promise<{ lines: string[]; errors: string; code: number | null }> {
  const child = spawn(process.execPath, [module], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ lines: out.split("\n").slice(0, -1), errors, code }));
  });
}
