// agent-registry.yml: which agent stands for a role, and which others when that one cannot. Written by hand in several shapes, so
// everything that can be understood is taken: `roles:` or the roles at the top, a map or a list, `primary` and `fallbacks` or a name.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { messageOf } from "../../../supervision/errors.js";
import type { Diagnosis } from "../entry.js";
import { linesBefore } from "./frontmatter.js";
import { registryFiles } from "./look-around.js";
import { readUnder } from "./read-under.js";
import { isTooDeepForYaml, TOO_DEEP } from "./yaml-bounds.js";

export interface Role {
  readonly role: string;
  /** The primary's name, then those of its fallbacks. */
  readonly agents: readonly string[];
  readonly file: string;
  /** From 1. */
  readonly line: number;
}
export interface Registry {
  readonly roles: readonly Role[];
  readonly diagnoses: readonly Diagnosis[];
}

const MOST_ROLES = 1_000;
/** Of characters; a thousand roles have less, and a megabyte of YAML takes a quarter of a minute. */
const LONGEST = 256 * 1024;
const MOST_AGENTS = 50;

export async function readRegistries(root: string): Promise<Registry> {
  const roles = new Map<string, Role>();
  const diagnoses: Diagnosis[] = [];
  for (const file of registryFiles) {
    const path = join(root, file);
    if (!existsSync(path)) continue;
    const text = await readUnder(root, file);
    if (text === undefined) {
      const problem = `${file} cannot be read: it must be a file of this folder of 1 MB at most`;
      diagnoses.push({ file, line: 1, problem, left: "out" });
      continue;
    }
    const read = parseRegistry(file, text);
    for (const role of read.roles) if (!roles.has(role.role)) roles.set(role.role, role);
    diagnoses.push(...read.diagnoses);
  }
  return { roles: [...roles.values()].slice(0, MOST_ROLES), diagnoses };
}

export function parseRegistry(file: string, text: string): Registry {
  const source = text.replace(/^\uFEFF/, "");
  const unread =
    source.length > LONGEST
      ? `it is longer than ${LONGEST / 1024} KB`
      : isTooDeepForYaml(source)
        ? TOO_DEEP
        : undefined;
  if (unread !== undefined)
    return { roles: [], diagnoses: [{ file, line: 1, problem: `the registry is not read: ${unread}`, left: "out" }] };
  const document = parseDocument(source, { logLevel: "silent", uniqueKeys: false, prettyErrors: false });
  const diagnoses: Diagnosis[] = document.errors.slice(0, 1).map((error) => ({
    file,
    line: 1 + linesBefore(source, error.pos[0]),
    problem: `the registry is not YAML: ${error.message.split("\n")[0]}`,
    left: "in",
  }));
  try {
    const value: unknown = document.toJS();
    const listed = isMap(value) ? (value.roles ?? value.agents ?? value.registry ?? value) : value;
    return {
      roles: rolesOf(listed)
        .slice(0, MOST_ROLES)
        .map((role) => ({ ...role, file, line: lineOf(text, role.role) })),
      diagnoses,
    };
  } catch (error) {
    return {
      roles: [],
      diagnoses: [{ file, line: 1, problem: `the registry is not YAML: ${messageOf(error)}`, left: "out" }],
    };
  }
}

/** Where the role is first named; 1 if it is written otherwise there. */
function lineOf(text: string, role: string): number {
  const at = text.indexOf(role);
  return at < 0 ? 1 : 1 + linesBefore(text, at);
}

type Named = Pick<Role, "role" | "agents">;

function rolesOf(listed: unknown): Named[] {
  const found = Array.isArray(listed)
    ? listed.filter(isMap).map((item) => roleOf(item.role ?? item.name, item))
    : Object.entries(isMap(listed) ? listed : {}).map(([role, item]) => roleOf(role, item));
  return found.filter((role) => role !== undefined);
}

function roleOf(role: unknown, item: unknown): Named | undefined {
  if (typeof role !== "string" || role.trim() === "") return undefined;
  const named = isMap(item)
    ? [item.primary ?? item.agent ?? item.default, item.fallbacks ?? item.fallback ?? item.alternatives ?? []]
    : [item];
  const agents = named
    .flat()
    .filter((name) => typeof name === "string" && name.trim() !== "")
    .map((name) => String(name).trim());
  return agents.length === 0 ? undefined : { role: role.trim(), agents: [...new Set(agents)].slice(0, MOST_AGENTS) };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
