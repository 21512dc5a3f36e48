// What a management tool is: as `tools/list` tells it, and what it does. Arguments come from models and strangers, so each is checked
// against its schema; what cannot be done is a result that says so, and only a bug is a throw.
import { z } from "zod";
import { BanyanError } from "../../../supervision/errors.js";
import { diskError, isOfDisk, LibraryError } from "./library-error.js";

export interface ManagementCall {
  /** Who asks: a client's name, `the command line`. */
  readonly by: string;
  readonly signal: AbortSignal;
}

export interface ManagementResult {
  readonly content: readonly { readonly type: "text"; readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: true;
}

interface Hints {
  readonly title: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: false;
}

export interface ManagementTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: { readonly type: "object"; readonly [keyword: string]: unknown };
  readonly annotations: Hints;
  /** Expected failures are results with `isError`; it rejects for bugs alone. */
  call(args: unknown, call: ManagementCall): Promise<ManagementResult>;
}

/** A text for the reader and the same for a program. */
export interface Said {
  readonly text: string;
  readonly data: Record<string, unknown>;
}

/** Refused, with what a program may want to know of it. */
export class RefusedError extends LibraryError {
  constructor(
    code: string,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(code, message);
  }
}

export interface Definition<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Shape;
  /** Absent: it only looks. */
  readonly changes?: { readonly destructive: boolean; readonly idempotent: boolean };
  work(args: z.output<z.ZodObject<Shape>>, call: ManagementCall): Promise<Said>;
}

export function managementTool<Shape extends z.ZodRawShape>(definition: Definition<Shape>): ManagementTool {
  const { name, title, description, changes } = definition;
  const input = z.strictObject(definition.input);
  return {
    name,
    title,
    description,
    // An object schema gives type "object", which zod's type cannot say.
    inputSchema: z.toJSONSchema(input, { io: "input" }) as ManagementTool["inputSchema"],
    annotations: {
      title,
      readOnlyHint: changes === undefined,
      destructiveHint: changes?.destructive ?? false,
      idempotentHint: changes?.idempotent ?? true,
      openWorldHint: false,
    },
    call: async (args, call) => {
      try {
        const parsed = input.safeParse(args ?? {});
        if (!parsed.success) throw new LibraryError("tool_arguments", sentence(name, input, parsed.error));
        // What a strict object of this shape gives is what the work takes; zod cannot say so of a shape it does not know.
        const { text, data } = await definition.work(parsed.data as z.output<z.ZodObject<Shape>>, call);
        return { content: [{ type: "text", text }], structuredContent: data };
      } catch (thrown) {
        const error = isOfDisk(thrown) ? diskError(thrown, "its data folder") : thrown;
        if (!(error instanceof BanyanError)) throw error;
        const data = error instanceof RefusedError ? error.data : {};
        const content = [{ type: "text" as const, text: error.message }];
        return { content, structuredContent: { code: error.code, ...data }, isError: true };
      }
    },
  };
}

function sentence(name: string, { shape }: z.ZodObject, error: z.ZodError): string {
  const [issue] = error.issues;
  const known = Object.keys(shape).join(", ") || "none";
  if (issue?.code === "unrecognized_keys")
    return `${name} has no argument "${issue.keys[0]}"; its arguments are ${known}.`;
  if (issue === undefined || issue.path.length === 0) return `The arguments of ${name} must be an object: ${known}.`;
  const field = issue.path.join(".");
  const what = issue.message.replace(/^(Invalid input|Too big|Too small): /, "");
  if (what.endsWith("received undefined")) return `${name} needs the argument "${field}", and it is missing.`;
  return `The argument "${field}" of ${name} is not valid: ${what}.`;
}
