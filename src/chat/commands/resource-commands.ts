// /resources and /resource, /subscribe and /unsubscribe: what servers have to read, for the user's own eyes.
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ResourceContents, ResourceInfo, ResourceTemplateInfo } from "../../mcp/client/mcp-types.js";
import type { Namespaced } from "../../mcp/client/server-lists.js";
import type { ServerWrapper } from "../../mcp/client/server-wrapper.js";
import { BanyanError, messageOf, type Ref } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { ServerCommand, ServerCommandContext } from "../command.js";
import { ofServer, serverAndName } from "../named-of-server.js";
import { resourceNames } from "../offered-names.js";
import { nameAndPairs } from "../pairs.js";
import { serverNames } from "../server-names.js";
import type { ServerReach } from "../server-reach.js";
import { blockText, cutText } from "../transcript.js";

/** Of one resource, in characters; `--save` keeps all of it. */
const LONGEST_SHOWN = 20_000;

export const resourceCommands: readonly ServerCommand[] = [
  {
    name: "resources",
    group: "resources and prompts",
    summary: "show the resources of all servers, or of one",
    usage: ["[SERVER]"],
    complete: serverNames,
    ask: (context, rest) => list(context, rest.trim()),
  },
  {
    name: "resource",
    group: "resources and prompts",
    summary: "show a resource, or save it to a new file",
    usage: ["SERVER.NAME-or-URI [--save FILE]"],
    complete: resourceNames,
    ask: read,
  },
  {
    name: "subscribe",
    group: "resources and prompts",
    summary: "be told when a resource changes",
    usage: ["SERVER.NAME-or-URI"],
    complete: resourceNames,
    ask: async (context, rest) => {
      const { wrapper, server, uri } = await foundResource(context, rest);
      await wrapper.call.subscribeResource(uri);
      context.subscribed(server, uri, true);
      return `You are told when \`${uri}\` changes; \`/unsubscribe ${rest.trim()}\` ends it.`;
    },
  },
  {
    name: "unsubscribe",
    group: "resources and prompts",
    summary: "be told of a resource's changes no more",
    usage: ["SERVER.NAME-or-URI"],
    complete: resourceNames,
    ask: async (context, rest) => {
      const { wrapper, server, uri } = await foundResource(context, rest);
      context.subscribed(server, uri, false);
      await wrapper.call.unsubscribeResource(uri);
      return `You are told of \`${uri}\` no more.`;
    },
  },
];

async function list(context: ServerCommandContext, only: string): Promise<string> {
  const [resources, templates] = await Promise.all([context.resources(), context.templates()]);
  const rows = [...ofServer(resources, only).map(row), ...ofServer(templates, only).map(row)];
  if (rows.length === 0)
    return only === "" ? "No server offers a resource now." : `The server ${only} offers no resource now.`;
  return ["| resource | address | what it is |", "| --- | --- | --- |", ...rows].join("\n");
}

function row(one: Namespaced<ResourceInfo> | Namespaced<ResourceTemplateInfo>): string {
  const address = "uri" in one ? one.uri : one.uriTemplate;
  const size = "size" in one && one.size !== undefined ? `${one.size} bytes` : "";
  const facts = [one.description ?? one.title ?? "", one.mimeType ?? "", size].filter((fact) => fact !== "");
  return `| \`${cell(one.name)}\` | ${cell(address)} | ${cell(facts.join(", ").slice(0, 160))} |`;
}

async function read(context: ServerCommandContext, rest: string): Promise<string> {
  const [, named = "", file] = /^([\s\S]*?)(?:\s+--save\s+(\S.*?))?\s*$/.exec(rest) ?? [];
  const { server, uri } = await foundResource(context, named);
  const contents = await context.read(server, uri);
  if (file !== undefined) return save(contents, resolve(context.folder, file.replace(/^(["'])(.*)\1$/, "$2")));
  if (contents.length === 0) return "The resource is empty.";
  const parts = contents.map((part) =>
    "text" in part ? shownText(part) : blockText({ type: "resource", resource: part }),
  );
  const binary = contents.some((part) => "blob" in part);
  return [...parts, ...(binary ? [`\`/resource ${named.trim()} --save FILE\` keeps it.`] : [])].join("\n\n");
}

function shownText({ text, mimeType }: Extract<ResourceContents, { text: string }>): string {
  const shown = cutText(text, LONGEST_SHOWN, "characters");
  if (mimeType === "text/markdown") return shown;
  const longest = Math.max(2, ...Array.from(shown.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${mimeType === "application/json" ? "json" : ""}\n${shown}\n${fence}`;
}

/** Never over a file that is there. */
async function save(contents: readonly ResourceContents[], file: string): Promise<string> {
  const bytes = contents.map((part) => ("text" in part ? Buffer.from(part.text) : Buffer.from(part.blob, "base64")));
  const data = Buffer.concat(bytes);
  try {
    await writeFile(file, data, { flag: "wx" });
  } catch (error) {
    const there = error instanceof Error && "code" in error && error.code === "EEXIST";
    const why = there ? "there is such a file already; choose another name" : messageOf(error);
    throw new BanyanError("not_saved", `${file} was not written: ${why}.`, { cause: error });
  }
  return `Saved ${data.length} bytes as \`${file}\`.`;
}

/** The resource that is meant, by its address, its name, or a template's name with its variables. */
/** The resource that `SERVER.NAME` or `SERVER.URI` names. Rejects with a `BanyanError`. */
export async function foundResource(
  context: ServerReach,
  text: string,
): Promise<{ readonly wrapper: Ref<ServerWrapper>; readonly server: string; readonly uri: string }> {
  const { server, name } = serverAndName(text.trim(), "/resource SERVER.NAME");
  const wrapper = await context.server(server);
  if (URL.canParse(name)) return { wrapper, server, uri: name };
  const resources = ofServer(await context.resources(), server);
  const known = resources.find((one) => one.ownName === name || one.title === name);
  if (known !== undefined) return { wrapper, server, uri: known.uri };
  const templates = ofServer(await context.templates(), server);
  const [template] = templates
    .filter(({ ownName }) => name === ownName || name.startsWith(`${ownName} `))
    .sort((one, other) => other.ownName.length - one.ownName.length);
  if (template === undefined) {
    throw new BanyanError(
      "unknown_name",
      `${server} has no resource "${name}"; /resources ${server} shows what it has.`,
    );
  }
  const { pairs } = nameAndPairs(`- ${name.slice(template.ownName.length)}`);
  return { wrapper, server, uri: expanded(template, pairs) };
}

/** The template with its variables put in. */
function expanded({ name, uriTemplate }: ResourceTemplateInfo, values: Readonly<Record<string, string>>): string {
  return uriTemplate.replace(/\{([+#./;?&]?)([^{}]+)\}/g, (_, operator: string, variable: string) => {
    const value = Object.hasOwn(values, variable) ? values[variable] : undefined;
    if (value === undefined) {
      throw new BanyanError("usage", `${name} needs ${variable}: add ${variable}=…, or write the whole address.`);
    }
    return operator === "+" ? encodeURI(value) : `${operator}${encodeURIComponent(value)}`;
  });
}
