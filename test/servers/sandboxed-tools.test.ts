// The bundled tools in the sandbox they are run in: what they use of Node and of packages works there, and nothing more is granted.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noGrants } from "../../src/mcp/host/grants.js";
import { sandboxed } from "../../src/mcp/host/sandbox.js";
import { built } from "../support/build.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
const client = new Client({ name: "test", version: "1" });
let log = "";

beforeAll(async () => {
  work.write("a.txt", "one\ntwo\n");
  work.write("docs/b.md", "# Hi\n\nSome **bold** text.\n");
  const script = built("servers/host/main.js");
  const args = ["--set", "bundled", "--root", work.root];
  const command = sandboxed({ ...noGrants, read: [work.root], write: [work.root] }, { script, args, cwd: work.root });
  const transport = new StdioClientTransport({ ...command, stderr: "pipe" });
  transport.stderr?.on("data", (chunk) => {
    log += String(chunk);
  });
  await client.connect(transport);
});
afterAll(async () => {
  await client.close();
  work.remove();
});

async function call(name: string, args: Record<string, unknown>): Promise<string> {
  const { isError, content } = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  if (isError) throw new Error(text);
  return text;
}

describe("in the sandbox", () => {
  it("files are made, replaced with their permissions, edited, moved, compared and found", async () => {
    await call("write_file", { path: "new/x.sh", content: "old\n" });
    const mode = statSync(join(work.root, "new/x.sh")).mode;
    await call("write_file", { path: "new/x.sh", content: "echo one\n" });
    await call("edit_file", { path: "new/x.sh", edits: [{ old_text: "one", new_text: "two" }] });
    await call("move_file", { from: "new/x.sh", to: "deep/er/y.sh" });
    expect(readFileSync(join(work.root, "deep/er/y.sh"), "utf8")).toBe("echo two\n");
    expect(statSync(join(work.root, "deep/er/y.sh")).mode).toBe(mode);
    expect(await call("diff_files", { path: "a.txt", other_path: "deep/er/y.sh" })).toContain("+echo two");
    expect(await call("find_files", { glob: "*.sh" })).toContain("deep/er/y.sh");
    expect(await call("directory_tree", {})).toContain("    y.sh  (9 bytes)");
    expect(await call("hash_file", { paths: ["a.txt"] })).toMatch(/^[0-9a-f]{64} {2}a\.txt$/);
  });

  it.each(["zip", "tar", "tgz"])("archives are packed and unpacked: %s", async (ending) => {
    await call("archive", { action: "create", path: `all.${ending}`, paths: ["a.txt", "docs"] });
    expect(await call("archive", { action: "list", path: `all.${ending}` })).toContain("docs/b.md  (26 bytes)");
    await call("archive", { action: "extract", path: `all.${ending}`, to: `from-${ending}` });
    expect(readFileSync(join(work.root, `from-${ending}/docs/b.md`), "utf8")).toContain("# Hi");
  });

  it("texts are counted, matched, filled and read", async () => {
    expect(await call("count_text", { path: "docs/b.md" })).toContain("words: 4");
    expect(await call("regex", { action: "find", pattern: "t(w)o", path: "a.txt" })).toContain('2:1: "two" $1="w"');
    expect(await call("change_case", { text: "some name", to: "camel" })).toBe("someName");
    expect(await call("template", { template: "{{#l}}{{n}};{{/l}}", data: { l: [{ n: 1 }, { n: 2 }] } })).toBe("1;2;");
    expect(await call("markdown_to_text", { path: "docs/b.md" })).toBe("Hi\n\nSome bold text.");
    expect(await call("html_to_text", { html: "<p>a<b>b</b>" })).toBe("ab");
    expect(await call("search_files", { query: "bold" })).toContain("docs/b.md:3:");
  });

  it("the outside stays closed, also to what no tool would try, and nothing was said but answers", async () => {
    await expect(call("read_file", { path: "/etc/passwd" })).rejects.toThrow("leads outside the allowed folder");
    await expect(call("archive", { action: "create", path: "x.zip", paths: ["/etc"] })).rejects.toThrow(
      "leads outside",
    );
    expect(log).toBe("");
  });
});
