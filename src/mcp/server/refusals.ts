// What a client is told when it cannot have what it asked for. It may be anybody, so no stack, path or secret gets out: of an error
// whose message quotes others (a server's last words, an address) the sentence is written anew here, and one nobody foresaw is told
// by nothing but its kind. `data.code` is the error's stable code, for programs.
import { nearest } from "../../actors/config/problems.js";
import { redact, withoutSecrets } from "../../actors/telemetry/redact.js";
import { BanyanError, CallError, messageOf, plainText } from "../../supervision/index.js";
import { CatalogError } from "../catalog/catalog-error.js";
import { requiredPages } from "../client/elicited-url.js";
import {
  CallCancelledError,
  CallTimeoutError,
  RemoteError,
  ServerLostError,
  ServerOverloadedError,
  ServerProtocolError,
  ServerUnavailableError,
  ToolChangedError,
  UnknownNameError,
  VisitRequiredError,
} from "../client/errors.js";

/** JSON-RPC 2.0, section 5.1. */
export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const METHOD_NOT_FOUND = -32_601;
export const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;
/** Of the range JSON-RPC leaves to servers: the call could not be made, or has no answer. */
export const NO_ANSWER = -32_000;
/** As the official SDK has it: the server's time for the call was over. */
const REQUEST_TIMEOUT = -32_001;
/** The protocol's own. */
export const RESOURCE_NOT_FOUND = -32_002;
const LONGEST = 2_000;
const MOST_NEAR = 3;
/** Of a list of names that is looked through for one that was meant. */
const MOST_COMPARED = 2_000;

/** A refusal as JSON-RPC carries it. Not a BanyanError: its `code` is a number of JSON-RPC's. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(plainText(redact(message)).slice(0, LONGEST));
  }
}

/** There is no tool or prompt of this name; `names` are those there are. */
export function unknownName(kind: "tool" | "prompt", name: string, names: readonly string[]): Refusal {
  const near: string[] = [];
  let left = names.slice(0, MOST_COMPARED);
  for (let found = nearest(name, left); found !== undefined && near.length < MOST_NEAR; found = nearest(name, left)) {
    const taken = found;
    near.push(taken);
    left = left.filter((other) => other !== taken);
  }
  const meant = near.length === 0 ? `see ${kind}s/list for what there is` : `the nearest are: ${near.join(", ")}`;
  const data = { code: "unknown_name", nearest: near };
  return new Refusal(INVALID_PARAMS, `there is no ${kind} ${JSON.stringify(name.slice(0, 200))}; ${meant}`, data);
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof BanyanError)) return internal("internal");
  const { code } = error;
  if (error instanceof CatalogError) return ofCatalog(error);
  if (error instanceof UnknownNameError) return new Refusal(INVALID_PARAMS, error.message, { code });
  if (error instanceof CallTimeoutError) return new Refusal(REQUEST_TIMEOUT, error.message, { code });
  if (error instanceof ServerProtocolError) {
    const { rpcCode = NO_ANSWER, data } = error;
    const elicitations = requiredPages(error);
    // Checked, and of no use when anything is hidden in an address.
    if (elicitations.length > 0) return new Refusal(rpcCode, messageOf(error), { elicitations });
    return new Refusal(rpcCode, messageOf(error), data === undefined ? { code } : withoutSecrets(data));
  }
  if (error instanceof ServerLostError) {
    const { server, safeToRetry } = error;
    const next = safeToRetry
      ? "it may be called again"
      : "the call may have taken effect, so check before it is made again";
    return new Refusal(NO_ANSWER, `the server "${server}" was lost during the call; ${next}`, { code, safeToRetry });
  }
  if (error instanceof ServerUnavailableError) {
    const { server, state, retryInMs } = error;
    const next = retryInMs === undefined ? "try later" : `it is tried again in ${Math.ceil(retryInMs / 1000)} s`;
    return new Refusal(NO_ANSWER, `the server "${server}" is ${state}; ${next}`, { code, safeToRetry: true });
  }
  if (error instanceof RemoteError)
    return new Refusal(NO_ANSWER, "the tool's server gave no answer; try later", { code });
  if (error instanceof CallError) return internal("restarting");
  if (OWN_WORDS.some((Kind) => error instanceof Kind)) return new Refusal(NO_ANSWER, error.message, { code });
  return internal(code);
}

/** Those whose messages are of our own words and names alone. */
const OWN_WORDS = [CallCancelledError, ServerOverloadedError, ToolChangedError, VisitRequiredError];

function ofCatalog({ code, message, issues }: CatalogError): Refusal {
  const errors = issues.map((issue) => issue.message);
  if (code === "invalid_params") return new Refusal(INVALID_PARAMS, message, { code, validation_errors: errors });
  const why =
    code === "no_index"
      ? "the catalog could not be read; its log says why, and the next question tries again"
      : message;
  return new Refusal(NO_ANSWER, why, { code });
}

function internal(code: string): Refusal {
  const why =
    code === "restarting"
      ? "a part of Banyan is being started again; try again"
      : "Banyan could not do that; its log says why";
  return new Refusal(INTERNAL_ERROR, why, { code });
}
