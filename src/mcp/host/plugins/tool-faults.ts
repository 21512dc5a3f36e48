// What is wrong with a tool as it is listed: models and other hosts choose tools by these words and fill in arguments by these schemas.
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ToolInfo } from "../../client/mcp-types.js";

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
/** What the APIs of models take, with the server's name before it. */
const LONGEST_WITH_SERVER = 64;
const LONGEST_DESCRIPTION = 2_000;

/** One sentence each; none if all is well. */
export function toolFaults(server: string, tool: ToolInfo): readonly string[] {
  const { name, description, inputSchema, outputSchema } = tool;
  const shown = JSON.stringify(name.slice(0, 80));
  const faults: string[] = [];
  if (!NAME.test(name)) faults.push(`the name ${shown} may have letters, digits, "_", "-" and ".", at most 128`);
  else if (server.length + 2 + name.length > LONGEST_WITH_SERVER)
    faults.push(`${server}__${name} is longer than the ${LONGEST_WITH_SERVER} characters models' APIs take`);
  if (description.trim() === "") faults.push(`${shown} has no description, by which a model would choose it`);
  else if (description.length > LONGEST_DESCRIPTION)
    faults.push(`the description of ${shown} has more than ${LONGEST_DESCRIPTION} characters`);
  for (const [what, schema] of Object.entries({ inputSchema, outputSchema })) {
    if (schema === undefined) continue;
    if (schema.type !== "object") faults.push(`the ${what} of ${shown} must have the type "object"`);
    const wrong = schemaFault(schema);
    if (wrong !== undefined) faults.push(`the ${what} of ${shown} is no JSON Schema: ${wrong}`);
  }
  return faults;
}

/** Held against the schema of schemas and never compiled: it is a stranger's. */
function schemaFault({ $schema, ...schema }: Readonly<Record<string, unknown>>): string | undefined {
  const isOld = typeof $schema === "string" && /draft-0[467]/.test($schema);
  const ajv = isOld ? new Ajv({ strict: false }) : new Ajv2020({ strict: false });
  return ajv.validateSchema(schema) === true ? undefined : ajv.errorsText(ajv.errors, { dataVar: "it" }).slice(0, 200);
}
