// What a turn needs the user for, put as questions: may this tool run, what are its missing arguments. Where nobody can be asked
// the answer is no, with a word that says how to go on.
import { announce } from "../actors/telemetry/happenings.js";
import type { JsonSchema } from "../llm/provider.js";
import { type From, messageOf } from "../supervision/index.js";
import type { Approvals } from "./approvals.js";
import type { Answer, NoticeLevel } from "./events.js";
import type { Questions } from "./questions.js";
import type { Approval, ApprovalRequest, FormRequest } from "./turn-owner.js";

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

  /** Answers at once where policy decides; else once the user has. `asker` is who is to be asked for. */
  approve(request: ApprovalRequest, asker: string, from: From<Approval>): void {
    const { callId, tool, description, arguments: args, change } = request;
    const { approvals, interactive, questions } = this.options;
    if (approvals.allows({ ...request, changed: change !== undefined })) {
      announce({ type: "approval", tool, decision: "allowed" });
      from.reply({ allowed: true });
    } else if (interactive) {
      announce({ type: "approval", tool, decision: "asked" });
      questions.ask({
        question: {
          id: callId,
          kind: "approval",
          tool,
          description,
          arguments: args,
          ...(change === undefined ? {} : { changed: change.diff }),
        },
        asker,
        answered: (answer) => void this.approved(request, answer, from),
      });
    } else {
      announce({ type: "approval", tool, decision: "denied" });
      const reason =
        change === undefined
          ? `${tool} needs approval and nobody can be asked; allow it with --allow ${tool} or --yes.`
          : `${tool} has changed, so what was allowed for it is void; read banyan tools show ${tool}, and accept it with --accept there.`;
      from.reply({ allowed: false, reason });
    }
  }

  /** Never rejects. */
  private async approved(request: ApprovalRequest, answer: Answer, from: From<Approval>): Promise<void> {
    const decision = answer.kind === "approval" ? answer.decision : "deny";
    try {
      await this.options.approvals.decide(decision, request);
      if (decision === "always") this.options.accepted(request.tool);
      announce({ type: "approval", tool: request.tool, decision: decision === "deny" ? "denied" : "allowed" });
    } catch (error) {
      announce({ type: "approval", tool: request.tool, decision: "denied" });
      from.reply({ allowed: false, reason: `The decision could not be recorded: ${messageOf(error)}` });
      return;
    }
    const reason = "The user did not allow this call.";
    from.reply(decision === "deny" ? { allowed: false, reason } : { allowed: true });
  }

  /** Asks for the arguments a tool still needs; undefined when dismissed. */
  fillForm({ id, tool, known, missing }: FormRequest, asker: string, from: From<FormValues>): void {
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
      asker,
      answered: (answer) => from.reply(answer.kind === "form" ? answer.values : undefined),
    });
  }
}

/** What may stand for the argument, where the schema names it all. */
function choicesFor({ properties }: JsonSchema, key: string): string {
  const property =
    typeof properties === "object" ? (properties as { [key: string]: unknown } | null)?.[key] : undefined;
  const choices = typeof property === "object" && property !== null && "enum" in property ? property.enum : undefined;
  return Array.isArray(choices) && choices.length <= 20 ? choices.join("|") : "…";
}
