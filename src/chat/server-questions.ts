// What MCP servers want of the user: a form filled in, a web page visited, an answer of the user's model. Each is shown with who
// asks and what for, and nothing is done before a yes; where nobody can be asked the answer is no, with a word that says how to
// go on. A yes to sampling may hold for the server until the conversation's process ends, and then for so many requests only.
import { type Recorder, recordAction } from "../actors/audit/audit.js";
import type { AuditAction } from "../actors/audit/entry.js";
import type {
  ElicitationAnswer,
  ElicitationRequest,
  SamplingAnswer,
  SamplingRequest,
} from "../mcp/client/mcp-types.js";
import type { AskedBy } from "../mcp/client/questions.js";
import { type From, messageOf } from "../supervision/index.js";
import type { Approvals } from "./approvals.js";
import type { Answer, NoticeLevel } from "./events.js";
import { openPage } from "./open-page.js";
import type { Questions } from "./questions.js";

export interface ServerQuestionsOptions {
  readonly questions: Questions;
  readonly approvals: Approvals;
  readonly audit: Recorder;
  /** False: nobody can be asked. */
  readonly interactive: boolean;
  /** The name of the user's model as it is now. */
  readonly model: () => string;
  readonly notice: (level: NoticeLevel, text: string) => void;
  /** Asks the model and answers `from`. */
  readonly sample: (request: SamplingRequest & AskedBy, from: From<SamplingAnswer>) => void;
}

/** Requests of one server that the model answers without a new yes. */
const MOST_UNASKED = 50;
const REFUSED = "the user refused";

export class ServerQuestions {
  /** Of each server the user has allowed for good, or the flags have: how often it has sampled since it was last asked for. */
  private readonly unasked = new Map<string, number>();

  constructor(private readonly options: ServerQuestionsOptions) {}

  elicit(request: ElicitationRequest & AskedBy, from: From<ElicitationAnswer>): void {
    const { server, message } = request;
    if (!this.options.interactive) {
      const what = request.mode === "url" ? `wants you to visit ${request.url} ("${message}")` : `asked "${message}"`;
      this.options.notice("warn", `The server ${server} ${what}, and nobody can be asked.`);
      from.reply({ action: "cancel" });
    } else if (request.mode === "url") this.visit(request, from);
    else this.fillIn(request, from);
  }

  private fillIn(
    { server, id, message, schema }: Extract<ElicitationRequest, { mode: "form" }> & AskedBy,
    from: From<ElicitationAnswer>,
  ): void {
    const title = `${server} asks: ${message}`;
    this.options.questions.ask({
      question: { id, kind: "form", title, canDecline: true, schema, values: {} },
      answered: (answer) => from.reply(formAnswer(answer)),
    });
  }

  private visit(
    { server, id, message, url }: Extract<ElicitationRequest, { mode: "url" }> & AskedBy,
    from: From<ElicitationAnswer>,
  ): void {
    const { host } = new URL(url); // checked where it came in
    this.options.questions.ask({
      question: {
        id,
        kind: "consent",
        title: `Open ${host} in your browser for the server ${server}?`,
        description: message,
        details: { host, address: url },
      },
      answered: (answer) => void this.visitAnswered(answer, server, url, from),
    });
  }

  /** Never rejects. */
  private async visitAnswered(
    answer: Answer,
    server: string,
    url: string,
    from: From<ElicitationAnswer>,
  ): Promise<void> {
    if (answer.kind !== "approval") from.reply({ action: "cancel" });
    else if (answer.decision === "deny") from.reply({ action: "decline" });
    else if (!(await this.recorded("url.open", url, { server }))) from.reply({ action: "cancel" });
    else {
      from.reply({ action: "accept", values: {} });
      await openPage(url).then(
        () => this.options.notice("info", `Opened ${url}; if no browser comes up, open it yourself.`),
        (error: unknown) =>
          this.options.notice("warn", `No browser could be started (${messageOf(error)}); open ${url} yourself.`),
      );
    }
  }

  /** The answer of the model goes back once the user has said yes. */
  sample(request: SamplingRequest & AskedBy, from: From<SamplingAnswer>): void {
    const { server, id } = request;
    const { questions, interactive, notice, model } = this.options;
    if (this.isAllowed(server)) this.options.sample(request, from);
    else if (interactive)
      questions.ask({
        question: {
          id,
          kind: "consent",
          title: `Let the server ${server} ask ${model()}?`,
          description: "The answer goes to the server. It costs what your own questions to the model cost.",
          details: detailsOf(request),
          always: "Always for this server now",
        },
        answered: (answer) => void this.sampleAnswered(answer, request, from),
      });
    else {
      notice(
        "warn",
        `The server ${server} wanted an answer of ${model()} and nobody can be asked; allow it with --yes.`,
      );
      from.reply({ allowed: false, reason: "nobody can be asked" });
    }
  }

  /** By the settings or flags, or by the user for now; and not too often. */
  private isAllowed(server: string): boolean {
    const count = this.unasked.get(server);
    if (count === undefined && !this.options.approvals.allowsName(`sampling/${server}`)) return false;
    if ((count ?? 0) >= MOST_UNASKED) {
      if (this.options.interactive) this.unasked.delete(server);
      return false;
    }
    this.unasked.set(server, (count ?? 0) + 1);
    return true;
  }

  /** Never rejects. */
  private async sampleAnswered(
    answer: Answer,
    request: SamplingRequest & AskedBy,
    from: From<SamplingAnswer>,
  ): Promise<void> {
    const decision = answer.kind === "approval" ? answer.decision : "deny";
    const words = { deny: "approval.denied", always: "approval.always" } as const;
    const action = decision === "deny" || decision === "always" ? words[decision] : "approval.once";
    const recorded = await this.recorded(action, `sampling/${request.server}`, detailsOf(request));
    if (decision === "deny" || !recorded) return void from.reply({ allowed: false, reason: REFUSED });
    if (decision === "always") this.unasked.set(request.server, 0);
    this.options.sample(request, from);
  }

  /** False, and said, when it could not be recorded: then it is not done. */
  private async recorded(action: AuditAction, subject: string, detail: { [key: string]: unknown }): Promise<boolean> {
    try {
      await recordAction(this.options.audit, { action, subject: subject.slice(0, 1_000), detail });
      return true;
    } catch (error) {
      this.options.notice("error", `The decision could not be recorded: ${messageOf(error)}`);
      return false;
    }
  }
}

function detailsOf({ system, messages, modelHints, maxTokens, temperature }: SamplingRequest): {
  [key: string]: unknown;
} {
  const [first] = messages;
  const prompt =
    messages.length === 1 && first?.role === "user"
      ? first.text
      : messages.map(({ role, text }) => `${role}: ${text}`).join("\n");
  return {
    prompt,
    ...(system === undefined ? {} : { system }),
    "max tokens": maxTokens,
    ...(modelHints.length === 0 ? {} : { "would like": modelHints.join(", ") }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

function formAnswer(answer: Answer): ElicitationAnswer {
  if (answer.kind === "declined") return { action: "decline" };
  if (answer.kind !== "form") return { action: "cancel" };
  const values: Record<string, string | number | boolean | string[]> = {};
  for (const [key, value] of Object.entries(answer.values)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") values[key] = value;
    else if (Array.isArray(value)) values[key] = value.map(String);
  }
  return { action: "accept", values };
}
