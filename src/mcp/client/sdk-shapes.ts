// From the SDK's shapes to our words, item by item, and a tool back again: the half of the adapter that has no state.
import type { Prompt, Resource, ResourceTemplate, Tool } from "@modelcontextprotocol/sdk/types.js";
import type { PromptInfo, ResourceInfo, ResourceTemplateInfo, ToolInfo } from "./mcp-types.js";

/** Under this name our servers tell the revision of a tool in its `_meta`. */
const REVISION = "banyan/revision";
const LONGEST_REVISION = 100;

export function toolInfo({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
  execution,
  _meta,
}: Tool): ToolInfo {
  const revision = _meta?.[REVISION];
  return {
    name,
    ...optional({ title: title ?? annotations?.title }),
    description: description ?? "",
    inputSchema,
    ...optional({ outputSchema }),
    ...(execution?.taskSupport === "required" ? { asTask: true } : {}),
    annotations: {
      ...optional({ title: annotations?.title }),
      readOnly: annotations?.readOnlyHint ?? false,
      destructive: annotations?.destructiveHint ?? true,
      idempotent: annotations?.idempotentHint ?? false,
      openWorld: annotations?.openWorldHint ?? true,
    },
    ...(typeof revision === "string" ? { revision: revision.slice(0, LONGEST_REVISION) } : {}),
  };
}

/** As a server of ours lists it, under `name`. */
export function sdkTool(tool: ToolInfo, name: string): Tool {
  const { title, description, inputSchema, outputSchema, annotations, revision } = tool;
  const { readOnly, destructive, idempotent, openWorld } = annotations;
  return {
    name,
    ...optional({ title }),
    description,
    inputSchema: inputSchema as Tool["inputSchema"], // as its server listed it, where it was checked
    ...optional({ outputSchema: outputSchema as Tool["outputSchema"] }), // likewise
    annotations: {
      ...optional({ title: annotations.title }),
      readOnlyHint: readOnly,
      destructiveHint: destructive,
      idempotentHint: idempotent,
      openWorldHint: openWorld,
    },
    ...(revision === undefined ? {} : { _meta: { [REVISION]: revision } }),
  };
}

export function resourceInfo({ uri, name, title, description, mimeType, size }: Resource): ResourceInfo {
  return { uri, name, ...optional({ title, description, mimeType, size }) };
}

export function resourceTemplateInfo(template: ResourceTemplate): ResourceTemplateInfo {
  const { uriTemplate, name, title, description, mimeType } = template;
  return { uriTemplate, name, ...optional({ title, description, mimeType }) };
}

export function promptInfo({ name, title, description, arguments: args = [] }: Prompt): PromptInfo {
  return {
    name,
    ...optional({ title, description }),
    arguments: args.map((arg) => ({
      name: arg.name,
      ...optional({ description: arg.description }),
      required: arg.required ?? false,
    })),
  };
}

/** The fields that have a value: absent is not the same as undefined in our words. */
export function optional<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Exactly the entries whose value is undefined are gone, which is what the type says.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
