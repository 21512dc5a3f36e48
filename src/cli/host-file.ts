// The `mcpServers` JSON that other hosts keep their servers in. It often holds secrets: what looks like one becomes a reference to the
// environment, and what cannot be taken over as it stands is left out with a reason.
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { holdsLiteralSecret, isLiteralSecret } from "../actors/config/literal-secrets.js";
import { hasOnlyReferences } from "../actors/config/references.js";
import type { WrittenServer } from "../actors/config/server-blocks.js";
import { BanyanError, messageOf } from "../supervision/index.js";

export interface Left {
  readonly name: string;
  readonly why: string;
}

export interface HostFile {
  readonly servers: readonly WrittenServer[];
  /** One sentence for each thing that is written another way than it stood. */
  readonly notes: readonly string[];
  readonly left: readonly Left[];
}

const LARGEST_FILE = 1024 * 1024;
const MOST_SERVERS = 200;

const entrySchema = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).max(1_000).default([]),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  cwd: z.string().min(1).optional(),
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
  const notes: string[] = [];
  const left: Left[] = [];
  for (const [given, value] of entries) {
    const name = given
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, "-")
      .replace(/^[_-]+/, "")
      .slice(0, 64);
    const parsed = entrySchema.safeParse(value);
    const args = parsed.success ? parsed.data.args.map(asReference) : [];
    if (isTableWithUrl(value)) left.push({ name: given, why: "servers at an address are not supported yet." });
    else if (!parsed.success) left.push({ name: given, why: "it lacks a command, or its args or env are not texts." });
    else if (name === "") left.push({ name: given, why: "its name has no letter or digit; rename it in the file." });
    else if (servers.some((server) => server.name === name))
      left.push({ name: given, why: `another is named ${name} too.` });
    else if (holdsLiteralSecret(args))
      left.push({
        name: given,
        why: `an argument looks like a secret; write \${env:NAME} in its place and import again.`,
      });
    else {
      if (name !== given) notes.push(`${given} is named ${name} here.`);
      const { command, env, cwd, disabled } = parsed.data;
      const kept = Object.entries(env).map(([key, text]) => [key, variable(name, key, text, notes)]);
      servers.push({
        name,
        command,
        args,
        env: Object.fromEntries(kept),
        ...(cwd === undefined ? {} : { cwd }),
        ...(disabled ? { enabled: false } : {}),
      });
    }
  }
  return { servers, notes, left };
}

/** A variable's text as it is written: a secret, or what only the other host understands, becomes a reference of the variable's name. */
function variable(server: string, key: string, given: string, notes: string[]): string {
  const text = asReference(given);
  if (hasOnlyReferences(text) && !isLiteralSecret(key, text)) return text;
  notes.push(
    `${key} of ${server} was not copied: it is taken from the environment, so export ${key} before you start Banyan.`,
  );
  return `\${env:${key}}`;
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

function isTableWithUrl(value: unknown): boolean {
  return typeof value === "object" && value !== null && "url" in value && !("command" in value);
}
