// What is known without the server: who takes which role. It is small on purpose; the catalog itself knows far more, so an answer
// from here is given with little confidence, and never kept.
import type { AgentAnswer, AgentQuery, Found } from "../queries.js";

/** Of each role: the agent that takes it, and those that can in its place, best first. */
export type Registry = Readonly<Record<string, { readonly primary: string; readonly fallbacks?: readonly string[] }>>;

export const builtIn: Registry = {
  architect: { primary: "architect-review", fallbacks: ["backend-architect", "cloud-architect"] },
  frontend_developer: { primary: "frontend-developer", fallbacks: ["fullstack-developer", "react-specialist"] },
  backend_developer: { primary: "backend-developer", fallbacks: ["backend-architect", "fullstack-developer"] },
  mobile_developer: { primary: "mobile-developer", fallbacks: ["flutter-expert", "ios-developer"] },
  database_expert: { primary: "database-architect", fallbacks: ["database-optimizer", "sql-pro"] },
  data_engineer: { primary: "data-engineer", fallbacks: ["data-scientist", "database-architect"] },
  ml_engineer: { primary: "ml-engineer", fallbacks: ["ai-engineer", "mlops-engineer"] },
  devops_engineer: { primary: "deployment-engineer", fallbacks: ["devops-troubleshooter", "cloud-architect"] },
  security_auditor: { primary: "security-auditor", fallbacks: ["backend-security-coder", "code-reviewer"] },
  test_engineer: { primary: "test-automator", fallbacks: ["tdd-orchestrator", "debugger"] },
  code_reviewer: { primary: "code-reviewer", fallbacks: ["architect-review", "security-auditor"] },
  debugger: { primary: "debugger", fallbacks: ["error-detective", "devops-troubleshooter"] },
  performance_engineer: {
    primary: "performance-engineer",
    fallbacks: ["database-optimizer", "observability-engineer"],
  },
  technical_writer: { primary: "docs-architect", fallbacks: ["api-documenter", "tutorial-engineer"] },
};

/** From the text of an agent-registry.yml, in any of the shapes the catalog reads. */
export async function registryFrom(text: string): Promise<Registry> {
  const { parseRegistry } = await import("../reading/registry.js");
  const roles = parseRegistry("agent-registry.yml", text).roles.flatMap(({ role, agents: [primary, ...fallbacks] }) =>
    primary === undefined ? [] : [[role, { primary, fallbacks }] as const],
  );
  return Object.fromEntries(roles);
}

/** The agents of the role, else those of the roles whose words are asked for. */
export function agentsOf(registry: Registry, query: AgentQuery): AgentAnswer {
  const { role, capability = "", context = "", limit = 5 } = query;
  const without = "Banyan cannot be reached; this is from the registry built into the client";
  if (role !== undefined) {
    const found = Object.entries(registry).find(([name]) => plain(name) === plain(role));
    if (found === undefined)
      return { agents: [], reasoning: `${without}, which has no such role.`, ...unsure, nearest: near(registry, role) };
    const agents = membersOf(found).slice(0, limit);
    return { agents, reasoning: `${without}: the role ${found[0]}.`, confidence: 0.5, cache_hit: false };
  }
  const asked = wordsOf(`${capability} ${context}`);
  const ranked = Object.entries(registry)
    .map((entry) => ({ entry, shared: sharedWith(asked, entry) }))
    .filter(({ shared }) => shared > 0)
    .sort((one, other) => other.shared - one.shared);
  const agents = new Map<string, Found>();
  for (const { entry } of ranked)
    for (const found of membersOf(entry)) if (!agents.has(found.name)) agents.set(found.name, found);
  if (agents.size === 0)
    return { agents: [], reasoning: `${without}, where nothing matches.`, ...unsure, nearest: Object.keys(registry) };
  const roles = ranked.map(({ entry: [name] }) => name).slice(0, 3);
  return {
    agents: [...agents.values()].slice(0, limit),
    reasoning: `${without}: by the words of ${roles.join(", ")}.`,
    confidence: 0.2,
    cache_hit: false,
  };
}

const unsure = { confidence: 0, cache_hit: false };

function membersOf([role, { primary, fallbacks = [] }]: readonly [string, Registry[string]]): Found[] {
  return [primary, ...fallbacks].map((name, place) => ({
    id: `agent:registry/${name}`,
    kind: "agent" as const,
    name,
    plugin: "registry",
    role,
    score: 1 / (place + 1),
    ...(place === 0 ? { fallbacks } : {}),
  }));
}

function sharedWith(
  asked: ReadonlySet<string>,
  [role, { primary, fallbacks = [] }]: [string, Registry[string]],
): number {
  const own = wordsOf([role, primary, ...fallbacks].join(" "));
  return [...asked].filter((word) => own.has(word)).length;
}

function near(registry: Registry, role: string): string[] {
  const words = wordsOf(role);
  const sharing = Object.keys(registry).filter((name) => [...wordsOf(name)].some((word) => words.has(word)));
  return sharing.length > 0 ? sharing : Object.keys(registry);
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []);
}

function plain(role: string): string {
  return role.toLowerCase().replaceAll(/[-_\s]+/g, "_");
}
