// Prompts that are the front's own and no server's: listed first, under plain names, and made without leaving the process.
import type { PromptInfo } from "../client/mcp-types.js";
import { INVALID_PARAMS, Refusal } from "./refusals.js";

export type PromptArguments = Readonly<Record<string, string>>;

export interface OwnPrompt {
  readonly info: PromptInfo;
  /** What the user is to say; arguments that are blank are left out, and those that must be there are. */
  text(args: PromptArguments): string;
}

/** Throws a {@link Refusal} that names the arguments that are missing. */
export function ownPromptText({ info, text }: OwnPrompt, said: PromptArguments): string {
  const args = Object.fromEntries(Object.entries(said).filter(([, value]) => value.trim() !== ""));
  const missing = info.arguments.filter(({ name, required }) => required && !Object.hasOwn(args, name));
  const [first] = missing;
  if (first === undefined) return text(args);
  const errors = missing.map(({ name }) => `${name} is missing`);
  throw new Refusal(INVALID_PARAMS, `the prompt ${info.name}: ${errors[0]}`, {
    code: "invalid_params",
    validation_errors: errors,
  });
}
