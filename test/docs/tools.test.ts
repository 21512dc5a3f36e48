// docs/tools.md is written from the tools: `npx vitest run test/docs/tools.test.ts -u` writes it anew. Its examples are run.
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import type { Tool } from "../../tools/define.js";
import { tools } from "../../tools/index.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
afterAll(() => work.remove());

const EXAMPLES: readonly (readonly [string, Record<string, unknown>])[] = [
  ["directory_tree", {}],
  ["edit_file", { path: "src/main.ts", edits: [{ old_text: "answer = 41", new_text: "answer = 42" }] }],
  ["search_files", { query: "answer", glob: "*.ts" }],
  ["archive", { action: "create", path: "backup.zip", paths: ["src", "README.md"] }],
  ["archive", { action: "list", path: "backup.zip" }],
  ["regex", { action: "find", pattern: "(\\w+)@(\\w+)", text: "ada@example, bo@home" }],
  ["count_text", { path: "README.md" }],
  ["change_case", { to: "snake", text: "parseHTTPResponse" }],
  ["template", { template: "{{#who}}Dear {{.}}, {{/who}}hello.", data: { who: ["Ada", "Bo"] } }],
  ["markdown_to_text", { path: "README.md" }],
  ["json_query", { path: "data.json", query: "$.people[?@.age > 40].name" }],
  ["convert_data", { path: "data.json", to: "yaml" }],
  ["calculate", { expression: "sqrt(3^2 + 4^2) * 1.19" }],
  ["read_file", { path: "../secret" }],
];

const HEAD = `# Bundled tools

Banyan brings these tools, as the server \`host\`. They need no key and no setup. A model chooses among them; you call one by hand with
\`/call host.NAME …\` in the chat or \`banyan tools call host.NAME JSON\`. \`banyan tools show host.NAME\` tells every field.

What a tool may do is what it says it needs, and no more: its process runs in a sandbox that is granted just that ([security.md](security.md)).
Files are those of the folder Banyan was started in: paths that lead out of it, by \`..\`, by an absolute path or by a symbolic link, are refused.
A tool that changes something asks first, as every tool does that is not known to be harmless.
`;

it("docs/tools.md tells of every bundled tool, and shows what some of them answer", async () => {
  work.write("README.md", "# Hello\n\nSome **bold** text, and a [link](https://example.com).\n");
  work.write("src/main.ts", "export const answer = 41;\nconsole.log(answer);\n");
  work.write(
    "data.json",
    JSON.stringify({
      people: [
        { name: "Ada", age: 36 },
        { name: "Bo", age: 41 },
      ],
    }),
  );
  const rows = tools.map(row);
  const table = ["| tool | what it does | fields (*needed*) | needs |", "| --- | --- | --- | --- |", ...rows];
  const shown: string[] = [];
  for (const [name, args] of EXAMPLES) shown.push(await example(name, args));
  const page = [HEAD, ...table, "", "## Examples", "", ...shown].join("\n");
  await expect(page).toMatchFileSnapshot("../../docs/tools.md");
});

function row(tool: Tool): string {
  const [first = ""] = /^.*?[.](?=\s|$)/s.exec(tool.description) ?? [tool.description];
  const schema = z.toJSONSchema(tool.input, { io: "input" });
  const required = new Set(schema.required);
  const fields = Object.keys(schema.properties ?? {}).map((field) => (required.has(field) ? `*${field}*` : field));
  return `| \`${tool.name}\` | ${escaped(first)} | ${fields.join(", ")} | ${(tool.needs ?? []).join(", ")} |`;
}

async function example(name: string, args: Record<string, unknown>): Promise<string> {
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw new Error(`there is no ${name}`);
  const { text } = await callTool(tool, args, { root: work.root });
  const said = text.replaceAll(work.root, "/home/ada/project");
  return `\`\`\`\n$ banyan tools call host.${name} '${JSON.stringify(args)}'\n${said.trimEnd()}\n\`\`\`\n`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("{{", "\\{\\{").replace(/[*_<]/g, "\\$&");
}
