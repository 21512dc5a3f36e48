import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasOnlyReferences, isReference, resolveReferences } from "../../../src/actors/config/references.js";

describe("references to secrets", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "banyan-references-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("stand for a variable, also inside a text and more than once", () => {
    const env = { TOKEN: "t0k", USER: "ada" };
    expect(resolveReferences(`\${env:TOKEN}`, env)).toBe("t0k");
    expect(resolveReferences(`\${env:USER}:\${env:TOKEN}@\${env:USER}`, env)).toBe("ada:t0k@ada");
    expect(resolveReferences("no reference", env)).toBe("no reference");
  });

  test("a looked-up value is not looked into again", () => {
    expect(resolveReferences(`\${env:A}`, { A: `\${env:B}`, B: "x" })).toBe(`\${env:B}`);
  });

  test("stand for a file without its last line break", () => {
    writeFileSync(join(folder, "key"), "s3cret\n");
    expect(resolveReferences(`Bearer \${file:${join(folder, "key")}}`, {})).toBe("Bearer s3cret");
  });

  test("a variable that is not set is an error that names it", () => {
    expect(() => resolveReferences(`\${env:NOPE}`, {})).toThrowError(
      "The environment variable NOPE is not set; set it and start again.",
    );
  });

  test("a file that is missing, a folder or too large is an error that names it", () => {
    const missing = join(folder, "missing");
    expect(() => resolveReferences(`\${file:${missing}}`, {})).toThrowError(
      `The secret file ${missing} cannot be read (ENOENT: no such file or directory, stat '${missing}'); correct the path or its permissions.`,
    );
    expect(() => resolveReferences(`\${file:${folder}}`, {})).toThrowError("it is not a file");
    writeFileSync(join(folder, "large"), "x".repeat(64 * 1024 + 1));
    expect(() => resolveReferences(`\${file:${join(folder, "large")}}`, {})).toThrowError("it is larger than 64 KB");
  });

  test.each([
    [`\${env:NAME}`, true],
    [`\${file:/run/key}`, true],
    [`\${file:~/key}`, true],
    [`\${file:C:\\key}`, true],
    [`\${file:relative}`, false],
    [`\${env:}`, false],
    [`x\${env:NAME}`, false],
    [`\${NAME}`, false],
    ["sk-abc", false],
    ["", false],
  ])("%s alone is a reference: %s", (text, is) => {
    expect(isReference(text)).toBe(is);
  });

  test.each([
    ["plain $5 {x}", true],
    [`a\${env:A}b\${file:/b}`, true],
    [`\${HOME}`, false],
    [`\${env:A}\${env:}`, false],
    ["${", false],
  ])("%s may stand in a server's environment: %s", (text, may) => {
    expect(hasOnlyReferences(text)).toBe(may);
  });
});
