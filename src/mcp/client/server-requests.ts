// What a server may ask of us, and how its question reaches those who answer: roots, elicitation, sampling. The half of the
// adapter that listens; what is not declared here a server is told that nobody does.
//
// Whatever a server sends is checked and bounded before a person sees it. What this program's own user can be asked is a part of
// what clients of ours may take, and one connection serves them all: so all of it is declared where there may be clients, and what
// the one who is asked does not take is refused then.
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  type ClientCapabilities,
  type CreateMessageRequest,
  CreateMessageRequestSchema,
  type CreateMessageResult,
  type ElicitRequest,
  ElicitRequestSchema,
  ErrorCode,
  ListRootsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { webPage } from "./elicited-url.js";
import { QuestionRefusedError } from "./errors.js";
import type { ElicitationAnswer, ElicitationRequest, Root, SamplingAnswer, SamplingRequest } from "./mcp-types.js";
import { type AskPrimary, answerAsks } from "./primary-ask.js";
import { optional } from "./sdk-shapes.js";

/** Those who answer a server. What is absent is not declared. */
export interface ServerAnswers {
  /** The server asks the user to fill in a form or to go to a web page; `about`: the id of the call, where that is known. A
   * {@link QuestionRefusedError} is told to it as it is. */
  readonly elicit?: (request: ElicitationRequest, signal: AbortSignal, about?: string) => Promise<ElicitationAnswer>;
  /** The server asks the user's model. */
  readonly sample?: (request: SamplingRequest, signal: AbortSignal, about?: string) => Promise<SamplingAnswer>;
  /** Those who answer may take more than text in sampling: images, tools, context. */
  readonly samplesAll?: boolean;
  /** The folders the server may work in, as they are now. */
  readonly roots?: () => readonly Root[];
  /** A server of ours has something done that its sandbox does not let it do. */
  readonly ask?: AskPrimary;
}

/** The code the specification gives a refusal by the user. */
const REFUSED = -1;
const MOST_MESSAGES = 200;
/** Of all messages and the system prompt together, in UTF-16 units. */
const LONGEST_PROMPT = 200_000;
const MOST_HINTS = 10;
/** Of the whole as JSON, in UTF-16 units. */
const LONGEST_WHOLE = 8_000_000;

/** What a message says of the call it is about. */
export type CallOf = (meta: Readonly<Record<string, unknown>> | undefined) => string | undefined;

export function capabilitiesOf({ elicit, sample, samplesAll, roots }: ServerAnswers): ClientCapabilities {
  return {
    ...(elicit === undefined ? {} : { elicitation: { form: {}, url: {} } }),
    ...(sample === undefined ? {} : { sampling: samplesAll === true ? { tools: {}, context: {} } : {} }),
    ...(roots === undefined ? {} : { roots: { listChanged: true } }),
  };
}

/** `report` gets what is a fault of those who answer. */
export function answerServer(
  client: Client,
  { elicit, sample, roots, ask }: ServerAnswers,
  report: (fault: string) => void,
  callOf: CallOf,
): void {
  if (ask !== undefined) answerAsks(client, ask, report);
  if (roots !== undefined) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: roots().map((root) => ({ ...root })) }));
  }
  if (elicit !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }, { signal, _meta }) => {
      const answer = await elicit(elicitation(params), signal, callOf(_meta)).catch(asRefusal);
      if (answer.action !== "accept") return { action: answer.action };
      return params.mode === "url" ? { action: "accept" } : { action: "accept", content: { ...answer.values } };
    });
  }
  if (sample !== undefined) {
    client.setRequestHandler(CreateMessageRequestSchema, async ({ params }, { signal, _meta }) => {
      const answer = await sample(sampling(params), signal, callOf(_meta)).catch(asRefusal);
      if (!answer.allowed) throw refusal(REFUSED, answer.reason);
      // Checked by the SDK, which sends it.
      if ("whole" in answer) return { ...answer.whole } as CreateMessageResult;
      const { model, text, stopReason } = answer;
      return { role: "assistant", content: { type: "text", text }, model, stopReason };
    });
  }
  client.fallbackRequestHandler = async ({ method }) => {
    throw new McpError(ErrorCode.MethodNotFound, `Banyan does not answer ${method} of a server`);
  };
}

function elicitation(params: ElicitRequest["params"]): ElicitationRequest {
  if (params.mode !== "url") return { mode: "form", message: params.message, schema: params.requestedSchema };
  const page = webPage(params.url);
  if ("problem" in page) throw new McpError(ErrorCode.InvalidParams, `the url ${page.problem}`);
  return { mode: "url", message: params.message, url: page.url, elicitationId: params.elicitationId };
}

function sampling(params: CreateMessageRequest["params"]): SamplingRequest {
  if (params.messages.length === 0 || params.messages.length > MOST_MESSAGES) {
    throw invalid(`sampling takes 1 to ${MOST_MESSAGES} messages`);
  }
  const messages = params.messages.map(({ role, content }) => ({ role, text: textOf(content) }));
  const size = messages.reduce((sum, { text }) => sum + text.length, params.systemPrompt?.length ?? 0);
  if (size > LONGEST_PROMPT)
    throw invalid(`sampling takes at most ${LONGEST_PROMPT} characters, and these are ${size}`);
  if (params.maxTokens < 1) throw invalid("maxTokens must be at least 1");
  const { _meta, task: _, ...whole } = params;
  if (JSON.stringify(whole).length > LONGEST_WHOLE) throw invalid(`sampling takes at most ${LONGEST_WHOLE} characters`);
  const hints = params.modelPreferences?.hints ?? [];
  return {
    messages,
    modelHints: hints.slice(0, MOST_HINTS).flatMap(({ name }) => name?.slice(0, 200) ?? []),
    maxTokens: params.maxTokens,
    ...optional({ system: params.systemPrompt, temperature: params.temperature, beyondText: beyondText(params) }),
    whole,
  };
}

type SampledContent = CreateMessageRequest["params"]["messages"][number]["content"];

function blocksOf(content: SampledContent) {
  return Array.isArray(content) ? content : [content];
}

function textOf(content: SampledContent): string {
  return blocksOf(content)
    .flatMap((block) => (block.type === "text" ? block.text : []))
    .join("\n");
}

function beyondText({ messages, tools, toolChoice }: CreateMessageRequest["params"]): string | undefined {
  if (tools !== undefined || toolChoice !== undefined) return "sampling takes no tools here";
  const other = messages.flatMap(({ content }) => blocksOf(content)).find(({ type }) => type !== "text");
  return other === undefined ? undefined : `sampling takes text alone here, no ${other.type}`;
}

function invalid(why: string): McpError {
  return new McpError(ErrorCode.InvalidParams, why);
}

function asRefusal(error: unknown): never {
  throw error instanceof QuestionRefusedError ? refusal(error.rpcCode, error.message, error.data) : error;
}

/** No McpError, which would write its code into the text. */
function refusal(code: number, message: string, data?: unknown): Error {
  return Object.assign(new Error(message), { code, ...optional({ data }) });
}
