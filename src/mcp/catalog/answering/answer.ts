// The four questions about entries: what each looks for, and the answer made of what was found.
import type { z } from "zod";
import type { CatalogIndex } from "../catalog-index.js";
import type { EntryKind } from "../entry.js";
import {
  type AgentAnswer,
  type Answered,
  agentQuery,
  type SkillAnswer,
  skillQuery,
  type ToolAnswer,
  toolQuery,
  type WorkflowAnswer,
  workflowQuery,
} from "../queries.js";
import { find, type Question } from "./find.js";
import { type Shown, shown, tokensOf } from "./shown.js";

export interface Answers {
  queryAgents: AgentAnswer;
  querySkills: SkillAnswer;
  queryWorkflows: WorkflowAnswer;
  queryTools: ToolAnswer;
}
export type QueryMethod = keyof Answers;

/** What the questions have in common, and what is peculiar to some of them. */
type Asked = Partial<
  z.output<typeof agentQuery> & Pick<z.output<typeof workflowQuery>, "goal"> & Pick<z.output<typeof toolQuery>, "query">
> &
  Pick<z.output<typeof agentQuery>, "limit" | "mode">;

export const questions: {
  readonly [Method in QueryMethod]: {
    readonly schema: z.ZodType<Asked>;
    readonly kind: EntryKind;
    readonly list: Exclude<keyof Answers[Method], keyof Answered>;
  };
} = {
  queryAgents: { schema: agentQuery, kind: "agent", list: "agents" },
  querySkills: { schema: skillQuery, kind: "skill", list: "skills" },
  queryWorkflows: { schema: workflowQuery, kind: "workflow", list: "workflows" },
  queryTools: { schema: toolQuery, kind: "tool", list: "tools" },
};

export const queryMethods = Object.keys(questions) as QueryMethod[]; // its keys, as its type says

/** What an answer takes besides its entries and reasoning: names, figures, brackets. */
const FRAME_TOKENS = 40;
/** Of a budget, the part that may go into the reasoning. */
const REASONING = 0.3;

/** The free words of a question, however they were given. */
export function textOf({ context, goal, query }: Asked): string | undefined {
  const texts = new Set([goal, query, context].filter((text) => text !== undefined));
  return texts.size === 0 ? undefined : [...texts].join(" ");
}

/** At once, except where files are to be read. */
export function answer<Method extends QueryMethod>(
  index: CatalogIndex,
  method: Method,
  asked: Asked,
): Answers[Method] | Promise<Answers[Method]> {
  const { kind, list } = questions[method];
  const { role, capability, expand, plugin, model, limit, mode, max_tokens: maxTokens } = asked;
  const question: Question = { kind, role, capability, text: textOf(asked), expand, plugin, model, limit };
  const { found, reasoning: whole, confidence, nearest } = find(index, question);
  const reasoning = maxTokens === undefined ? whole : whole.slice(0, Math.max(0, maxTokens * REASONING * 3));
  const spent = FRAME_TOKENS + tokensOf(reasoning) + tokensOf(JSON.stringify(nearest));
  const told = ({ entries, leftOut }: Shown): Answers[Method] => {
    const said = {
      ...{ [list]: entries, reasoning, confidence, cache_hit: false },
      ...(found.length === 0 ? { nearest } : {}),
      ...(leftOut === 0 ? {} : { left_out: leftOut }),
    };
    return said as unknown as Answers[Method]; // `list` is the one that this method's answer has
  };
  const fitted = shown(found, { mode, maxTokens, spent, textOf: (id) => index.text(id) });
  return fitted instanceof Promise ? fitted.then(told) : told(fitted);
}
