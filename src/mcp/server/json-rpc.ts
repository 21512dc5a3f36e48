// JSON-RPC 2.0 over one POST, from a web-standard Request to a Response: single calls, notifications and batches, of a table of
// methods. What the specification calls a parse error or an invalid request is HTTP 400, what the gate refuses 403 or 429; every other
// answer, errors included, is 200, and 204 where there is nothing to answer.
import { nearest } from "../../actors/config/problems.js";
import type { RpcMethod } from "../catalog/methods.js";
import { wrongParams } from "../catalog/wrong-params.js";
import type { Pass } from "./gate/gate.js";
import { httpRefusal } from "./gate/http-refusals.js";
import { type BodyLimits, JSON_HEADERS, messagesOf } from "./http-body.js";
import { isRecord } from "./peer.js";
import { INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, Refusal, refusalOf } from "./refusals.js";

export interface RpcOptions<Doors> {
  readonly methods: ReadonlyMap<string, RpcMethod<Doors>>;
  /** What the methods are run with. */
  readonly doors: Doors;
  readonly limits: BodyLimits;
  /** What each call comes through, those of a batch one by one. */
  readonly pass: Pick<Pass, "enter" | "leave">;
}

type Id = string | number | null;
type Answer = { readonly jsonrpc: "2.0"; readonly id: Id } & ({ readonly result: object } | { readonly error: object });

/** Of one batch, that many are answered at a time. */
const AT_ONCE = 8;
const LONGEST_NAME = 100;
/** No method is free, or opened by a scope of its own. */
const COUNTED_AS = "POST /";

export async function answerRpc<Doors>(request: Request, options: RpcOptions<Doors>): Promise<Response> {
  const posted = await messagesOf(request, options.limits);
  if ("refusal" in posted) return posted.refusal;
  const answers = await answerAll(posted.messages, options);
  if (answers.length === 0) return new Response(null, { status: 204 });
  const [single] = posted.isBatch ? [] : posted.messages;
  const body = posted.isBatch ? answers : answers[0];
  const { status = single !== undefined && !isCall(single) ? 400 : 200, headers = {} } =
    (single !== undefined && answers[0] && httpRefusal(answers[0])) || {};
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...headers } });
}

/** In the order of the calls; of those with the same id only the first is made, for its answers could not be told apart. */
async function answerAll<Doors>(calls: readonly unknown[], options: RpcOptions<Doors>): Promise<readonly Answer[]> {
  const answers: (Answer | undefined)[] = [];
  const taken = new Set<Id>();
  const again = calls.map((call) => {
    const id = isCall(call) ? call.id : undefined;
    if (id === undefined || id === null) return false;
    const known = taken.has(id);
    taken.add(id);
    return known;
  });
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let place = next++; place < calls.length; place = next++) {
      const call = calls[place];
      answers[place] =
        again[place] && isCall(call)
          ? refused(call.id ?? null, invalid("another call of the batch has this id"))
          : await answerOne(call, options);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, calls.length) }, worker));
  return answers.filter((answer) => answer !== undefined);
}

/** Undefined for a notification, whatever becomes of it. */
async function answerOne<Doors>(call: unknown, options: RpcOptions<Doors>): Promise<Answer | undefined> {
  const { methods, doors, pass } = options;
  if (!isCall(call))
    return refused(null, invalid("a call is an object with jsonrpc 2.0, a method and, for an answer, an id"));
  const { id, method, params = {} } = call;
  let isIn = false;
  try {
    await pass.enter(COUNTED_AS);
    isIn = true;
    const found = methods.get(method);
    if (found === undefined) throw unknownMethod(method, [...methods.keys()]);
    const checked = found.params.safeParse(params);
    if (!checked.success) {
      const errors = isRecord(params)
        ? wrongParams(checked.error.issues, params, Object.keys(found.params.shape))
        : ["params must be an object: each parameter goes by its name"];
      throw new Refusal(INVALID_PARAMS, `${method}: ${errors[0]}`, {
        code: "invalid_params",
        validation_errors: errors,
      });
    }
    const result = await found.run(doors, checked.data);
    return id === undefined ? undefined : { jsonrpc: "2.0", id, result };
  } catch (error) {
    return id === undefined ? undefined : refused(id, refusalOf(error));
  } finally {
    if (isIn) pass.leave(COUNTED_AS);
  }
}

interface Call {
  /** Undefined: nobody waits for an answer. */
  readonly id: Id | undefined;
  readonly method: string;
  readonly params?: unknown;
}

function isCall(said: unknown): said is Call {
  if (!isRecord(said) || said.jsonrpc !== "2.0" || typeof said.method !== "string") return false;
  const { id } = said;
  return id === undefined || id === null || typeof id === "string" || typeof id === "number";
}

function unknownMethod(method: string, known: readonly string[]): Refusal {
  const near = nearest(method, known);
  const mend = near === undefined ? `there are ${known.join(", ")}` : `the nearest is ${near}`;
  const data = { code: "unknown_method", nearest: near === undefined ? [] : [near] };
  return new Refusal(
    METHOD_NOT_FOUND,
    `there is no method ${JSON.stringify(method.slice(0, LONGEST_NAME))}; ${mend}`,
    data,
  );
}

function invalid(message: string): Refusal {
  return new Refusal(INVALID_REQUEST, message);
}

function refused(id: Id, { code, message, data }: Refusal): Answer {
  return { jsonrpc: "2.0", id, error: data === undefined ? { code, message } : { code, message, data } };
}
