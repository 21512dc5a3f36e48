// From our words to the SDK's shapes: what a client of ours is told of tools, resources and prompts, under the names it knows them by.
import type {
  CallToolResult,
  GetPromptResult,
  Prompt,
  Resource,
  ResourceTemplate,
  Tool,
} from "@modelcontextprotocol/sdk/types.js";
import type {
  NamespacedTool,
  PromptInfo,
  PromptResult,
  ResourceInfo,
  ResourceTemplateInfo,
  ToolResult,
} from "../client/mcp-types.js";
import { optional, REVISION } from "../client/sdk-shapes.js";

export function toolAnswer(tool: NamespacedTool, name: string): Tool {
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

export function toolResultAnswer({ content, structuredContent, isError }: ToolResult): CallToolResult {
  return { content: [...content], ...optional({ structuredContent }), ...(isError ? { isError } : {}) };
}

export function resourceAnswer({ name, title, description, mimeType, size }: ResourceInfo, uri: string): Resource {
  return { uri, name, ...optional({ title, description, mimeType, size }) };
}

export function templateAnswer(template: ResourceTemplateInfo, uriTemplate: string): ResourceTemplate {
  const { name, title, description, mimeType } = template;
  return { uriTemplate, name, ...optional({ title, description, mimeType }) };
}

export function promptAnswer({ title, description, arguments: args }: PromptInfo, name: string): Prompt {
  return { name, ...optional({ title, description }), arguments: [...args] };
}

export function promptResultAnswer({ description, messages }: PromptResult): GetPromptResult {
  return { ...optional({ description }), messages: [...messages] };
}
