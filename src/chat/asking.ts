// What a turn needs the user for, put as questions: may this tool run, what are its missing
// arguments, may the turn go on past a limit. Where nobody can be asked
// the answer is no, with a word that says how to go on.
import { announce } from "../actors/telemetry/happenings.js";
import type { JsonSchema } from "../llm/provider.js";
import { matchesPattern } from "../mcp/client/name-pattern.js";
import { type From, messageOf } from "../supervision/index.js";
import type { Approvals } from "./approvals.js";
import type { Answer, Decision, NoticeLevel } from "./events.js";
import type { Questions } from "./questions.js";
import type { Approval, ApprovalRequest, FormRequest, GoOnRequest } from "./turn-owner.js";

export type FormValues = { readonly [key: string]: unknown } | undefined;

export interface AskingOptions {
  readonly questions: Questions;
  readonly approvals: Approvals;
  /** False: nobody can be asked. */
  readonly interactive: boolean;
  readonly notice: (level: NoticeLevel, text: string) => void;
  /** A tool that has changed may run from now on as it is. */
  readonly accepted: (tool: string) => void;
}

export class Asking {
  constructor(private readonly options: AskingOptions) {}

  /** Answers at once where policy decides; else once the user has. */
  approve(request: ApprovalRequest, from: From<Approval>): void {
    const { tool } = request;
    if (this.allowed(request, from)) return;
    if (this.options.interactive) {
      announce({ type: "approval", tool, decision: "asked" });
      this.ask(request, from);
      return;
    }
    announce({ type: "approval", tool, decision: "denied" });
    from.reply({ allowed: false, reason: refusal(request) });
  }

  /** True, and answered, when nobody needs to be asked. What was under way runs again without a word only if it changes nothing,
   * whatever is allowed. */
  private allowed(request: ApprovalRequest, from: From<Approval>): boolean {
    const changed = request.change !== undefined;
    const allowed =
      request.again === undefined
        ? this.options.approvals.allows({ ...request, changed })
        : request.readOnly && !changed;
    if (allowed) {
      announce({ type: "approval", tool: request.tool, decision: "allowed" });
      from.reply({ allowed: true });
    }
    return allowed;
  }

  private ask(request: ApprovalRequest, from: From<Approval>): void {
    const { callId, tool, server, description, arguments: args, change, again } = request;
    this.options.questions.ask({
      question: {
        id: callId,
        kind: "approval",
        tool,
        description,
        arguments: args,
        ...(server === undefined || !matchesPattern(`${server}.*`, tool) ? {} : { pattern: `${server}.*` }),
        ...(change === undefined ? {} : { changed: change.diff }),
        ...(again === undefined ? {} : { again: `${again} while this ran; whether it took effect is not known.` }),
      },
      answered: (answer) => {
        const decided = decisionOf(answer, tool);
        if (decided !== undefined) return void this.decided(decided, request, from);
        this.options.notice("warn", `That pattern does not fit ${tool}, so nothing was allowed; answer again.`);
        this.ask(request, from);
      },
      settled: () => this.allowed(request, from),
    });
  }

  /** Never rejects. */
  private async decided(decided: Decision, request: ApprovalRequest, from: From<Approval>): Promise<void> {
    const { approvals, accepted, questions } = this.options;
    const { tool } = request;
    const isYes = decided.decision !== "deny";
    try {
      await approvals.decide(decided, request);
      if (decided.decision === "always") accepted(tool);
      announce({ type: "approval", tool, decision: isYes ? "allowed" : "denied" });
    } catch (error) {
      announce({ type: "approval", tool, decision: "denied" });
      from.reply({ allowed: false, reason: `The decision could not be recorded: ${messageOf(error)}` });
      return;
    }
    if (isYes) {
      from.reply({ allowed: true });
      questions.review();
      return;
    }
    const why = decided.reason === undefined ? "." : `: ${decided.reason}`;
    const what = request.again === undefined ? "The user did not allow this call" : notRunAgain(request.again);
    from.reply({ allowed: false, reason: `${what}${why}` });
  }

  /** Whether a turn that has reached a limit goes on; no where nobody can be asked. */
  mayGoOn({ id, reached, more }: GoOnRequest, from: From<boolean>): void {
    if (!this.options.interactive) return void from.reply(false);
    this.options.questions.ask({
      question: {
        id,
        kind: "consent",
        title: `${reached} Go on?`,
        description: more,
        details: {},
        labels: { yes: "Go on", no: "Stop" },
      },
      answered: (answer) => from.reply(answer.kind === "approval" && answer.decision !== "deny"),
    });
  }

  /** Asks for the arguments a tool still needs; undefined when dismissed. */
  fillForm({ id, tool, known, missing }: FormRequest, from: From<FormValues>): void {
    const { name, inputSchema } = tool;
    if (!this.options.interactive) {
      const given = Object.entries(known).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      const call = [name, ...missing.map((key) => `${key}=${choicesFor(inputSchema, key)}`), ...given].join(" ");
      this.options.notice("error", `${name} needs ${missing.join(", ")}: write "${call}".`);
      from.reply(undefined);
      return;
    }
    this.options.questions.ask({
      question: { id, kind: "form", title: `${name} needs ${missing.join(", ")}`, schema: inputSchema, values: known },
      answered: (answer) => from.reply(answer.kind === "form" ? answer.values : undefined),
    });
  }
}

/** Where nobody can be asked. */
function refusal({ tool, change, again }: ApprovalRequest): string {
  if (again !== undefined) return `${notRunAgain(again)}.`;
  return change === undefined
    ? `${tool} needs approval and nobody can be asked; allow it with --allow ${tool} or --yes.`
    : `${tool} has changed, so what was allowed for it is void; read banyan tools show ${tool}, and accept it with --accept there.`;
}

function notRunAgain(why: string): string {
  return `${why} while this call ran; whether it took effect is not known, and it was not run again`;
}

/** What may stand for the argument, where the schema names it all. */
function choicesFor({ properties }: JsonSchema, key: string): string {
  const property =
    typeof properties === "object" ? (properties as { [key: string]: unknown } | null)?.[key] : undefined;
  const choices = typeof property === "object" && property !== null && "enum" in property ? property.enum : undefined;
  return Array.isArray(choices) && choices.length <= 20 ? choices.join("|") : "…";
}

/** As the settings write one. */
const PATTERN = /^[A-Za-z0-9*][A-Za-z0-9_.*/-]{0,127}$/;
const LONGEST_REASON = 1_000;

/** What an answer decides about a tool; undefined for a pattern that is none or is about others. */
function decisionOf(answer: Answer, tool: string): Decision | undefined {
  if (answer.kind !== "approval") return { decision: "deny" };
  if (answer.decision === "pattern") {
    const pattern = answer.pattern.trim();
    if (pattern === tool) return { decision: "always" };
    return PATTERN.test(pattern) && matchesPattern(pattern, tool) ? { decision: "pattern", pattern } : undefined;
  }
  if (answer.decision !== "deny") return answer;
  const reason = answer.reason?.trim().slice(0, LONGEST_REASON);
  return reason === undefined || reason === "" ? { decision: "deny" } : { decision: "deny", reason };
}
