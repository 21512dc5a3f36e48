// The `mcpServers` JSON that other hosts keep their servers in. It often holds secrets: what looks like one becomes a reference to the
// environment, and what cannot be taken over as it stands is left out with a reason.
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { holdsLiteralSecret, holdsSecret, isLiteralSecret } from "../../actors/config/literal-secrets.js";
import { isTable, type Table } from "../../actors/config/merge.js";
import { hasOnlyReferences } from "../../actors/config/references.js";
import type { WrittenServer } from "../../actors/config/server-blocks.js";
import { isWebAddress } from "../../actors/config/web-address.js";
import { BanyanError, messageOf } from "../../supervision/index.js";
import { optional } from "./sdk-shapes.js";

export interface Left {
  readonly name: string;
  readonly why: string;
}

export interface HostFile {
  readonly servers: readonly WrittenServer[];
  /** By the server's name here: one sentence for each thing that is written another way than it stood. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
  readonly left: readonly Left[];
}

const LARGEST_FILE = 1024 * 1024;
const MOST_SERVERS = 200;

const program = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).max(1_000).default([]),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  cwd: z.string().min(1).optional(),
  disabled: z.boolean().default(false),
});

/** Hosts name the transport by `type` or `transport`, and the address by `url`, `serverUrl` or `httpUrl`. */
const elsewhere = z.object({
  url: z.string().refine(isWebAddress),
  type: z.enum(["http", "streamable-http", "streamableHttp", "streamable_http", "sse"]).optional(),
  headers: z.record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), z.string()).default({}),
  disabled: z.boolean().default(false),
});

const fileSchema = z.object({ mcpServers: z.record(z.string().min(1), z.unknown()) });

/** Throws a `BanyanError` where the file is none of that kind. */
export function readHostFile(file: string): HostFile {
  const entries = Object.entries(contentOf(file));
  if (entries.length > MOST_SERVERS) {
    throw new BanyanError(
      "host_file",
      `${file} names ${entries.length} servers, and at most ${MOST_SERVERS} are taken; split it.`,
    );
  }
  const servers: WrittenServer[] = [];
  const notes = new Map<string, readonly string[]>();
  const left: Left[] = [];
  for (const [given, value] of entries) {
    const name = given
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, "-")
      .replace(/^[_-]+/, "")
      .slice(0, 64);
    const leave = (why: string): void => void left.push({ name: given, why });
    if (name === "") leave("its name has no letter or digit; rename it in the file.");
    else if (servers.some((server) => server.name === name)) leave(`another is named ${name} too.`);
    else {
      const own: string[] = [];
      const read =
        isTable(value) && !("command" in value) ? remoteServer(value, name, own) : localServer(value, name, own);
      if (typeof read === "string") {
        leave(read);
        continue;
      }
      notes.set(name, name === given ? own : [`${given} is named ${name} here.`, ...own]);
      servers.push({ name, ...read });
    }
  }
  return { servers, notes, left };
}

/** What is written of a program, or why it cannot be. */
function localServer(value: unknown, name: string, notes: string[]): Omit<WrittenServer, "name"> | string {
  const parsed = program.safeParse(value);
  if (!parsed.success) return "it lacks a command or a url, or its args or env are not texts.";
  const { command, env, cwd, disabled } = parsed.data;
  const args = parsed.data.args.map(asReference);
  if (holdsLiteralSecret(args)) {
    return `an argument looks like a secret; write \${env:NAME} in its place and import again.`;
  }
  const kept = Object.entries(env).map(([key, text]) => [key, variable(name, key, key, text, notes)]);
  return { command, args, env: Object.fromEntries(kept), ...optional({ cwd, enabled: disabled ? false : undefined }) };
}

function remoteServer(value: Table, name: string, notes: string[]): Omit<WrittenServer, "name"> | string {
  const { url: address = value.serverUrl ?? value.httpUrl, type = value.transport } = value;
  const parsed = elsewhere.safeParse({ ...value, url: address, type });
  if (!parsed.success) return "it lacks a command or a url, or its url, type or headers are not such.";
  const { type: kind, headers, disabled } = parsed.data;
  const url = asReference(parsed.data.url);
  if (holdsSecret(url))
    return `its url holds what looks like a secret; write \${env:NAME} in its place and import again.`;
  const kept = Object.entries(headers).map(([key, text]) => {
    const own = `${name}_${key}`.toUpperCase().replace(/\W/g, "_");
    const [, scheme = ""] = /^(Bearer |Basic )/i.exec(text) ?? [];
    return [key, `${scheme}${variable(name, key, own, text.slice(scheme.length), notes, scheme)}`];
  });
  const transport = kind === undefined ? undefined : kind === "sse" ? ("sse" as const) : ("http" as const);
  return { url, headers: Object.fromEntries(kept), ...optional({ transport, enabled: disabled ? false : undefined }) };
}

/** A text as it is written: a secret, or what only the other host understands, becomes a reference to the environment. */
function variable(server: string, key: string, own: string, given: string, notes: string[], scheme = ""): string {
  const text = asReference(given);
  if (hasOnlyReferences(text) && !isLiteralSecret(key, text)) return text;
  const what = scheme === "" ? "it" : `what follows "${scheme.trim()}"`;
  notes.push(
    `${key} of ${server} was not copied: ${what} is taken from the environment, so export ${own} before you start Banyan.`,
  );
  return `\${env:${own}}`;
}

/** Other hosts write ${NAME} for a variable. */
function asReference(text: string): string {
  return text.replace(/\$\{([A-Za-z_]\w{0,255})\}/g, "$${env:$1}");
}

function contentOf(file: string): Record<string, unknown> {
  let content: unknown;
  try {
    const { size } = statSync(file);
    if (size > LARGEST_FILE) throw new Error(`it has ${size} bytes, and at most ${LARGEST_FILE} are taken`);
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // What the parser says quotes the file, which may hold secrets.
    const why = error instanceof SyntaxError ? "it is not valid JSON" : messageOf(error);
    throw new BanyanError("host_file", `${file} cannot be imported: ${why}; name the settings file of another host.`);
  }
  const parsed = fileSchema.safeParse(content);
  if (parsed.success) return parsed.data.mcpServers;
  throw new BanyanError("host_file", `${file} has no "mcpServers"; name the settings file of another host.`);
}
