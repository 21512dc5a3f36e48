// The roles of the registries, each with the agents that stand for it.
import type { CatalogEntry, Diagnosis } from "../entry.js";
import type { ReadEntry } from "../reading/read-entry.js";
import { readRegistries } from "../reading/registry.js";
import { plainTag } from "./tables.js";

/** The registries' roles with the numbers of their agents. */
export async function rolesOf(roots: readonly string[], entries: readonly ReadEntry[]) {
  const byName = new Map<string, number>();
  entries.forEach(({ kind, name, path, plugin }, at) => {
    if (kind !== "agent") return;
    const file = path?.replace(/^.*\/|\.md$/gi, "") ?? name;
    for (const key of [name, `${plugin}:${file}`, `${plugin}/${file}`, `${plugin}:${name}`, file].map(plainTag))
      if (!byName.has(key)) byName.set(key, at);
  });
  const listed: { role: string; documents: number[] }[] = [];
  const of = new Map<number, Pick<CatalogEntry, "role" | "fallbacks">>();
  const diagnoses: Diagnosis[] = [];
  for (const root of roots) {
    const registry = await readRegistries(root);
    diagnoses.push(...registry.diagnoses);
    for (const { role, agents, file, line } of registry.roles) {
      if (listed.some((other) => plainTag(other.role) === plainTag(role))) continue;
      const documents: number[] = [];
      for (const agent of agents) {
        const document = byName.get(plainTag(agent));
        if (document === undefined)
          diagnoses.push({
            file,
            line,
            problem: `the role ${role} names ${agent}, which is no agent here`,
            left: "in",
          });
        else if (!documents.includes(document)) documents.push(document);
      }
      listed.push({ role, documents });
      const [primary, ...fallbacks] = documents;
      if (primary !== undefined && !of.has(primary))
        of.set(primary, { role, fallbacks: fallbacks.map((at) => entries[at]?.name ?? "") });
    }
  }
  return { listed, of, diagnoses };
}
