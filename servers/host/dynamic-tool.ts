// A dynamic tool as its module defines it, made one that the host can run. The module is foreign code: every field is read once,
// here, and checked; what does not hold is told in a sentence for its author.
import { z } from "zod";
import { type HostTool, type InputSchema, jsonSchemaOf, readZod } from "./host-tool.js";
import { jsonSchemaReader, schemaProblem } from "./json-schema.js";
import { type OwnTest, ownTests } from "./own-tests.js";
import { NotPlainError, plainJson } from "./plain-json.js";

export interface DynamicTool extends HostTool {
  readonly tests: readonly OwnTest[];
}

/** A module that is no tool, or no good one; the message is one sentence. */
export class DefinitionError extends Error {}

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const DESCRIPTION = { least: 10, most: 2_000 };
const SCHEMA_CHARACTERS = 65_536;
const FIELDS = ["name", "description", "input", "inputSchema", "annotations", "timeout", "handler", "tests"] as const;

type Definition = Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>>;

const hints = z.object({
  title: z.string().max(200).optional(),
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
});

/** The tool of an imported module; `name` is what it has to be called. Throws a DefinitionError. */
export function dynamicTool(name: string, module: object): DynamicTool {
  const definition = definitionOf(module);
  const { handler } = definition;
  if (definition.name !== name) {
    const told = typeof definition.name === "string" ? `"${definition.name.slice(0, 80)}"` : "nothing";
    throw new DefinitionError(
      `The module says its name is ${told}, and it is loaded as "${name}"; make both the same.`,
    );
  }
  if (!NAME.test(name)) {
    throw new DefinitionError(
      `"${name}" is no name for a tool: begin with a-z, go on with a-z, 0-9 or "_", at most 64 characters.`,
    );
  }
  if (typeof handler !== "function") {
    throw new DefinitionError(`${name} has no handler; give it handler(args, context) { … }.`);
  }
  const input = readInput(name, definition.input ?? definition.inputSchema);
  return {
    ...{ name, ...input, tellsBugs: true },
    description: readDescription(name, definition.description),
    annotations: readAnnotations(name, definition.annotations),
    timeMs: readTimeout(name, definition.timeout),
    tests: readTests(name, definition.tests),
    handler: (args, context) => Reflect.apply(handler, definition, [args, contextFor(context)]),
  };
}

/** Of the context a tool gets what its author was promised; the folder and the narrow port are for bundled tools. */
function contextFor({ signal, limits, progress }: Parameters<HostTool["handler"]>[1]): object {
  return { signal, limits, progress };
}

function definitionOf(module: object): Definition {
  const exported: unknown = "default" in module ? module.default : module;
  if ((typeof exported !== "object" && typeof exported !== "function") || exported === null) {
    throw new DefinitionError(
      "The module exports no tool; write export default { name, description, input, handler }.",
    );
  }
  const read = (field: string): unknown => Reflect.get(exported, field);
  return Object.fromEntries(FIELDS.map((field) => [field, read(field)]));
}

function readDescription(name: string, description: unknown): string {
  const { least, most } = DESCRIPTION;
  const text = typeof description === "string" ? description.trim() : "";
  if (text.length >= least && text.length <= most) return text;
  throw new DefinitionError(
    `${name} needs a description of ${least} to ${most} characters that says what it does and when to use it; this one has ${text.length}.`,
  );
}

function readInput(name: string, input: unknown): Pick<HostTool, "inputSchema" | "read"> {
  if (isZod(input)) {
    if (!(input instanceof z.ZodObject)) {
      throw new DefinitionError(
        `The input of ${name} must be an object, such as z.object({ … }), since arguments have names.`,
      );
    }
    return { inputSchema: within(name, jsonSchemaOf(input)), read: (args) => readZod(name, input, args) };
  }
  const schema = plain(name, "input", input ?? { type: "object", properties: {} });
  const problem = schemaProblem(schema);
  if (problem !== undefined) throw new DefinitionError(`The input of ${name} is not valid: ${problem}.`);
  // schemaProblem found an object of type "object".
  const inputSchema = within(name, schema as InputSchema);
  return { inputSchema, read: jsonSchemaReader(name, inputSchema) };
}

function isZod(input: unknown): boolean {
  return typeof input === "object" && input !== null && "_zod" in input;
}

function within(name: string, schema: InputSchema): InputSchema {
  const { length } = JSON.stringify(schema);
  if (length <= SCHEMA_CHARACTERS) return schema;
  throw new DefinitionError(
    `The input schema of ${name} has ${length} characters, and at most ${SCHEMA_CHARACTERS} are taken.`,
  );
}

function readAnnotations(name: string, annotations: unknown): HostTool["annotations"] {
  if (annotations === undefined) return undefined;
  const read = hints.safeParse(plain(name, "annotations", annotations));
  if (!read.success) throw new DefinitionError(`The annotations of ${name} are not valid: ${issueOf(read.error)}.`);
  return Object.fromEntries(
    Object.entries(read.data).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function readTimeout(name: string, timeout: unknown): number | undefined {
  if (timeout === undefined) return undefined;
  if (typeof timeout === "number" && timeout >= 1 && timeout <= 3_600_000) return timeout;
  throw new DefinitionError(`The timeout of ${name} must be a number of milliseconds from 1 to 3,600,000.`);
}

function readTests(name: string, tests: unknown): readonly OwnTest[] {
  if (tests === undefined) return [];
  const read = ownTests.safeParse(plain(name, "tests", tests));
  if (read.success) return read.data;
  throw new DefinitionError(
    `The tests of ${name} are not valid: ${issueOf(read.error)}; write [{ args: {…}, expect: "…" }].`,
  );
}

function plain(name: string, field: string, value: unknown): unknown {
  try {
    return plainJson(value, { characters: 4 * SCHEMA_CHARACTERS, depth: 64, values: 20_000 });
  } catch (error) {
    const why = error instanceof NotPlainError ? error.message : "it cannot be read";
    throw new DefinitionError(`The ${field} of ${name} is not valid: ${why}.`);
  }
}

function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? "unknown" : `${issue.path.join(".")}: ${issue.message}`.replace(/^: /, "");
}
