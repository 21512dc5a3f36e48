// The MCP server that stands behind Banyan in scripts/conformance-server.mjs: tools, resources and prompts with the names and answers
// that the conformance suite asks for, over stdio. It answers as the protocol would have it and does nothing else.
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA==";
const STEP_MS = 50;
const NOT_FOUND = -32_002;

const text = (said) => ({ type: "text", text: said });
const image = { type: "image", data: PNG, mimeType: "image/png" };
const no = { type: "object", properties: {} };
const withArgument = (name) => ({ type: "object", properties: { [name]: { type: "string" } }, required: [name] });
const titled = (...pairs) => pairs.map(([value, title]) => ({ const: value, title }));

/** Each: what it says of itself, and what it does with its arguments and the call. */
const tools = {
  test_simple_text: {
    description: "Answers with a text",
    call: () => [text("This is a simple text response for testing.")],
  },
  test_image_content: { description: "Answers with an image", call: () => [image] },
  test_audio_content: {
    description: "Answers with a sound",
    call: () => [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  },
  test_embedded_resource: {
    description: "Answers with a resource",
    call: () => [
      {
        type: "resource",
        resource: {
          ...{ uri: "test://embedded-resource", mimeType: "text/plain" },
          text: "This is an embedded resource content.",
        },
      },
    ],
  },
  test_multiple_content_types: {
    description: "Answers with a text, an image and a resource",
    call: () => [
      text("Multiple content types test:"),
      image,
      {
        type: "resource",
        resource: {
          ...{ uri: "test://mixed-content-resource", mimeType: "application/json" },
          text: JSON.stringify({ test: "data", value: 123 }),
        },
      },
    ],
  },
  test_tool_with_logging: {
    description: "Logs three times while it works",
    call: async (_, { log }) => {
      await log("Tool execution started");
      await sleep(STEP_MS);
      await log("Tool processing data");
      await sleep(STEP_MS);
      await log("Tool execution completed");
      return [text("Tool with logging executed successfully")];
    },
  },
  test_error_handling: {
    description: "Always fails",
    call: () => {
      throw new Error("This tool intentionally returns an error for testing");
    },
  },
  test_tool_with_progress: {
    description: "Tells its progress",
    call: async (_, { progress }) => {
      for (const done of [0, 50, 100]) {
        await progress(done, 100);
        await sleep(STEP_MS);
      }
      return [text("Tool with progress executed successfully")];
    },
  },
  test_sampling: {
    description: "Asks the client's model",
    inputSchema: withArgument("prompt"),
    call: async ({ prompt }, { ask }) => {
      const messages = [{ role: "user", content: text(prompt) }];
      const { content } = await ask((server, options) => server.createMessage({ messages, maxTokens: 100 }, options));
      return [text(`LLM response: ${content.type === "text" ? content.text : content.type}`)];
    },
  },
  test_elicitation: {
    description: "Asks the client's user",
    inputSchema: withArgument("message"),
    call: async ({ message }, { elicit }) => {
      const { action, content } = await elicit(message, {
        type: "object",
        properties: {
          username: { type: "string", description: "User's response" },
          email: { type: "string", description: "User's email address" },
        },
        required: ["username", "email"],
      });
      return [text(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`)];
    },
  },
  test_elicitation_sep1034_defaults: {
    description: "Asks the client's user with a default for each kind of value",
    call: async (_, { elicit }) => {
      const { action, content } = await elicit("Please review these values", {
        type: "object",
        properties: {
          name: { type: "string", description: "User name", default: "John Doe" },
          age: { type: "integer", description: "User age", default: 30 },
          score: { type: "number", description: "User score", default: 95.5 },
          status: {
            ...{ type: "string", description: "User status" },
            ...{ enum: ["active", "inactive", "pending"], default: "active" },
          },
          verified: { type: "boolean", description: "Verification status", default: true },
        },
        required: [],
      });
      return [text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`)];
    },
  },
  test_elicitation_sep1330_enums: {
    description: "Asks the client's user with each kind of choice",
    call: async (_, { elicit }) => {
      const options = ["option1", "option2", "option3"];
      const choices = titled(["value1", "First Option"], ["value2", "Second Option"], ["value3", "Third Option"]);
      const { action, content } = await elicit("Please choose", {
        type: "object",
        properties: {
          untitledSingle: { type: "string", enum: options },
          titledSingle: { type: "string", oneOf: choices },
          legacyEnum: {
            ...{ type: "string", enum: ["opt1", "opt2", "opt3"] },
            enumNames: ["Option One", "Option Two", "Option Three"],
          },
          untitledMulti: { type: "array", items: { type: "string", enum: options } },
          titledMulti: {
            type: "array",
            items: {
              anyOf: titled(["value1", "First Choice"], ["value2", "Second Choice"], ["value3", "Third Choice"]),
            },
          },
        },
        required: [],
      });
      return [text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`)];
    },
  },
  json_schema_2020_12_tool: {
    description: "Tool with JSON Schema 2020-12 features",
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
      },
      properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
      additionalProperties: false,
    },
    call: (args) => [text(`Called with ${JSON.stringify(args)}`)],
  },
};

const resources = {
  "test://static-text": {
    ...{ name: "Static text", description: "A text", mimeType: "text/plain" },
    text: "This is the content of the static text resource.",
  },
  "test://static-binary": { name: "Static binary", description: "An image", mimeType: "image/png", blob: PNG },
  "test://watched-resource": {
    ...{ name: "Watched", description: "A text to subscribe to", mimeType: "text/plain" },
    text: "This is the content of the watched resource.",
  },
};
const TEMPLATE = /^test:\/\/template\/([^/]+)\/data$/;

const argument = (name, description) => ({ name, description, required: true });
const prompts = {
  test_simple_prompt: {
    description: "A prompt without arguments",
    messages: () => [text("This is a simple prompt for testing.")],
  },
  test_prompt_with_arguments: {
    description: "A prompt with two arguments",
    arguments: [argument("arg1", "First test argument"), argument("arg2", "Second test argument")],
    messages: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  test_prompt_with_embedded_resource: {
    description: "A prompt with a resource",
    arguments: [argument("resourceUri", "URI of the resource to embed")],
    messages: ({ resourceUri: uri }) => [
      {
        type: "resource",
        resource: { uri, mimeType: "text/plain", text: "Embedded resource content for testing." },
      },
      text("Please process the embedded resource above."),
    ],
  },
  test_prompt_with_image: {
    description: "A prompt with an image",
    messages: () => [image, text("Please analyze the image above.")],
  },
};
const COMPLETIONS = ["paris", "park", "party"];

const capabilities = { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} };
const server = new Server({ name: "conformance-fixture", version: "1.0.0" }, { capabilities });
const subscribed = new Set();

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: Object.entries(tools).map(([name, { description, inputSchema = no }]) => ({ name, description, inputSchema })),
}));
server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: args = {} } }, extra) => {
  const { sendNotification, requestId, signal, _meta } = extra;
  const ask = (work) => work(server, { relatedRequestId: requestId, signal });
  const call = {
    ask,
    elicit: (message, requestedSchema) =>
      ask((asking, options) => asking.elicitInput({ message, requestedSchema }, options)),
    log: (data) => sendNotification({ method: "notifications/message", params: { level: "info", data } }),
    progress: async (progress, total) => {
      const progressToken = _meta?.progressToken;
      if (progressToken === undefined) return;
      await sendNotification({ method: "notifications/progress", params: { progressToken, progress, total } });
    },
  };
  try {
    const tool = tools[name];
    if (tool === undefined) throw new Error(`there is no tool ${name}`);
    return { content: await tool.call(args, call) };
  } catch (error) {
    return { isError: true, content: [text(error.message)] };
  }
});

server.setRequestHandler(ListResourcesRequestSchema, () => ({
  resources: Object.entries(resources).map(([uri, { name, description, mimeType }]) => ({
    ...{ uri, name, description, mimeType },
  })),
}));
server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
  resourceTemplates: [
    {
      ...{ uriTemplate: "test://template/{id}/data", name: "Data by number" },
      ...{ description: "Data made of its number", mimeType: "application/json" },
    },
  ],
}));
server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
  const known = resources[uri];
  if (known !== undefined) {
    const { name: _, description: __, ...content } = known;
    return { contents: [{ uri, ...content }] };
  }
  const id = TEMPLATE.exec(uri)?.[1];
  if (id === undefined) throw new McpError(NOT_FOUND, `there is no resource ${uri}`);
  const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: "application/json", text: data }] };
});
server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
  subscribed.add(uri);
  return {};
});
server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
  subscribed.delete(uri);
  return {};
});

server.setRequestHandler(ListPromptsRequestSchema, () => ({
  prompts: Object.entries(prompts).map(([name, { description, arguments: args }]) => ({
    ...{ name, description, arguments: args },
  })),
}));
server.setRequestHandler(GetPromptRequestSchema, ({ params: { name, arguments: args = {} } }) => {
  const prompt = prompts[name];
  if (prompt === undefined) throw new McpError(-32_602, `there is no prompt ${name}`);
  return { messages: prompt.messages(args).map((content) => ({ role: "user", content })) };
});
server.setRequestHandler(CompleteRequestSchema, ({ params: { argument: asked } }) => {
  const values = COMPLETIONS.filter((value) => value.startsWith(asked.value));
  return { completion: { values, total: values.length, hasMore: false } };
});
server.setRequestHandler(SetLevelRequestSchema, () => ({}));

await server.connect(new StdioServerTransport());
