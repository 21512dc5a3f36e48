// The files of a real folder, with git and without, found by a part of their names.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { listFiles } from "../../../src/actors/project/list-files.js";
import { ProjectFiles } from "../../../src/actors/project/project-files.js";
import { exit } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";

const never = new AbortController().signal;

function folderWith(...files: string[]): string {
  const folder = temporaryHome();
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

async function find(folder: string, typed: string, most = 100): Promise<readonly string[]> {
  const files = await ProjectFiles.start({ folder });
  onTestFinished(() => exit(files, "shutdown"));
  return files.call.find(typed, most);
}

describe("the files of a project", () => {
  it("are those that git knows or would add, nothing that it ignores, and no program of the repository's settings is run", async () => {
    const folder = folderWith("src/a.ts", "out/b.js", "new file.md", "ran.sh");
    writeFileSync(join(folder, ".gitignore"), "out/\n");
    writeFileSync(join(folder, "ran.sh"), `#!/bin/sh\ntouch ${join(folder, "out", "ran")}\n`, { mode: 0o755 });
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
    git("init", "-q");
    git("config", "core.fsmonitor", join(folder, "ran.sh"));
    expect([...(await listFiles(folder, never))].sort()).toEqual([".gitignore", "new file.md", "ran.sh", "src/a.ts"]);
    expect(await find(folder, "ran")).toEqual(["ran.sh"]);
  });

  it("are looked for where there is no git, less what is hidden or installed", async () => {
    const folder = folderWith("src/a.ts", "node_modules/x/index.js", ".secret/key", "b.md");
    expect([...(await listFiles(folder, never))].sort()).toEqual(["b.md", "src/a.ts"]);
    expect(await listFiles(join(folder, "nowhere"), never)).toEqual([]);
  });
});

describe("finding one", () => {
  it("shows the top for nothing typed, and then what begins with the letters before what merely has them", async () => {
    const folder = folderWith(
      "src/chat/turn.ts",
      "src/chat/turns.ts",
      "src/ui/return.ts",
      "tests/unit/run.ts",
      "README.md",
    );
    expect(await find(folder, "")).toEqual(["src/", "tests/", "README.md"]);
    expect(await find(folder, "TURN")).toEqual([
      "src/chat/turn.ts",
      "src/chat/turns.ts",
      "src/ui/return.ts",
      "tests/unit/run.ts",
    ]);
    expect(await find(folder, "src/chat/", 1)).toEqual(["src/chat/"]);
    expect(await find(folder, "nothing at all")).toEqual([]);
  });
});
