// From our words to the SDK's shapes: what a client of ours is told of results, resources and prompts, under the names it knows them by.
import type {
  CallToolResult,
  GetPromptResult,
  Prompt,
  Resource,
  ResourceTemplate,
} from "@modelcontextprotocol/sdk/types.js";
import type { PromptInfo, PromptResult, ResourceInfo, ResourceTemplateInfo, ToolResult } from "../client/mcp-types.js";
import { optional } from "../client/sdk-shapes.js";

export function toolResultAnswer({ content, structuredContent, isError, meta }: ToolResult): CallToolResult {
  if (structuredContent === undefined && !isError && meta === undefined) return { content: [...content] };
  const said = { content: [...content], ...optional({ structuredContent }), ...(isError ? { isError } : {}) };
  return meta === undefined ? said : { ...said, _meta: { ...meta } };
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
