// A tool as the host runs it, whoever made it: bundled ones are defined in tools/, dynamic ones in modules of their own.
import { z } from "zod";
import type { Tool, ToolContext } from "../../tools/define.js";

export interface HostTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: InputSchema;
  readonly annotations: Readonly<Record<string, string | boolean>> | undefined;
  /** Milliseconds of one call; undefined: as long as the host allows. */
  readonly timeMs: number | undefined;
  /** A throw that is no ToolError is told to the caller: whoever made a dynamic tool can mend it, a bundled one nobody who calls. */
  readonly tellsBugs: boolean;
  /** The arguments as the handler takes them, or one sentence about what is wrong with them. */
  read(args: unknown): Promise<{ readonly args: unknown } | { readonly problem: string }>;
  /** What it returns is not to be trusted. */
  handler(args: unknown, context: ToolContext): unknown;
}

export interface InputSchema {
  readonly type: "object";
  readonly [keyword: string]: unknown;
}

export function bundledTool(tool: Tool): HostTool {
  const { name, description, input, annotations } = tool;
  return {
    ...{ name, description, annotations: { ...annotations }, timeMs: undefined, tellsBugs: false },
    inputSchema: jsonSchemaOf(input),
    read: async (args) => readZod(name, input, args),
    // `read` has made the arguments what the tool's own schema says.
    handler: (args, context) => tool.handler(args as Parameters<Tool["handler"]>[0], context),
  };
}

export function jsonSchemaOf(input: z.ZodObject): InputSchema {
  // Bounds that only say that a number is an exact integer tell a model nothing, forty times over; and the dialect is the usual.
  const { $schema: _, ...schema } = z.toJSONSchema(input, {
    io: "input",
    // A date that is made of a text, above all.
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  // An object schema gives type "object", which zod's type cannot say.
  return schema as InputSchema;
}

export async function readZod(
  tool: string,
  input: z.ZodObject,
  args: unknown,
): Promise<{ args: unknown } | { problem: string }> {
  const read = await input.safeParseAsync(args ?? {});
  return read.success ? { args: read.data } : { problem: inputSentence(tool, Object.keys(input.shape), read.error) };
}

function inputSentence(tool: string, fields: readonly string[], error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") return unknownField(tool, issue.keys[0] ?? "", fields);
  if (!issue || issue.path.length === 0) return `The arguments of ${tool} must be an object with named fields.`;
  const field = issue.path.join(".");
  const what = issue.message.replace(/^(Invalid input|Too big|Too small): /, "");
  if (what.endsWith("received undefined")) return missingField(tool, field);
  return invalidField(tool, field, what);
}

export function unknownField(tool: string, field: string, fields: readonly string[]): string {
  if (fields.length === 0) return `${tool} takes no arguments, and "${field}" was given; leave it out.`;
  return `${tool} has no field "${field}"; its fields are ${fields.join(", ")}.`;
}

export function missingField(tool: string, field: string): string {
  return `${tool} needs the field "${field}", and it is missing.`;
}

export function invalidField(tool: string, field: string, what: string): string {
  return `The field "${field}" of ${tool} is not valid: ${what}.`;
}
