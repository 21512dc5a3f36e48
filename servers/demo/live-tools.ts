// The tools that work: slowly with progress, by asking the user, by changing a resource, and by changing the list of tools.
import { setTimeout as sleep } from "node:timers/promises";
import type { McpServer, RegisteredTool } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { Counter } from "./resources.js";

const PROGRESS_MS = 200;
const ANSWER_MS = 10 * 60_000;
const MAX_ADDED = 50;
const COLOURS = ["red", "orange", "yellow", "green", "blue", "violet", "black", "white"];

export function addLiveTools(server: McpServer, counter: Counter): void {
  const added = new Map<string, RegisteredTool>();
  const log = (level: "debug" | "info", data: string) => {
    server.sendLoggingMessage({ level, logger: "demo", data }).catch(() => {}); // the client is gone
  };

  server.registerTool(
    "slow",
    {
      title: "Slow work",
      description: "Take some seconds and report progress meanwhile. Cancel it to see a call end early.",
      inputSchema: { seconds: z.number().min(0.1).max(600).default(5).describe("How long to work") },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ seconds }, { signal, _meta, sendNotification }) => {
      log("info", `slow begins: ${seconds} s`);
      const total = seconds * 1_000;
      for (let done = 0; done < total; ) {
        const step = Math.min(PROGRESS_MS, total - done);
        await sleep(step, undefined, { signal });
        done += step;
        const message = `Worked ${(done / 1_000).toFixed(1)} of ${seconds} s`;
        log("debug", message);
        // The result tells the end itself; progress that arrives together with it is lost on some clients.
        if (_meta?.progressToken === undefined || done === total) continue;
        const params = { progressToken: _meta.progressToken, progress: done / 1_000, total: seconds, message };
        await sendNotification({ method: "notifications/progress", params });
      }
      log("info", "slow is done");
      return said(`Worked for ${seconds} s.`);
    },
  );

  server.registerTool(
    "ask_name",
    {
      title: "Ask for your name",
      description:
        "Ask the user for a name and a favourite colour in a form, then greet. Shows how a server asks back.",
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ signal, requestId }) => {
      if (!server.server.getClientCapabilities()?.elicitation?.form) {
        return failed("This client cannot ask its user questions; use one with MCP's form elicitation.");
      }
      const answer = await server.server.elicitInput(
        {
          message: "What is your name, and which colour do you like?",
          requestedSchema: {
            type: "object",
            properties: {
              name: { type: "string", title: "Name", minLength: 1, maxLength: 60 },
              colour: { type: "string", title: "Favourite colour", enum: COLOURS },
            },
            required: ["name", "colour"],
          },
        },
        { signal, relatedRequestId: requestId, timeout: ANSWER_MS },
      );
      if (answer.action === "decline") return said("You would rather not say, and that is fine. Hello all the same!");
      if (answer.action === "cancel")
        return said("The question was closed without an answer; call ask_name to see it again.");
      return said(`Hello, ${answer.content?.name}! A fine colour, ${answer.content?.colour}.`);
    },
  );

  server.registerTool(
    "counter",
    {
      title: "Count up",
      description: "Increase the counter that the resource demo://counter shows. Subscribers of the resource are told.",
      inputSchema: { by: z.int().min(1).max(1_000).default(1).describe("How much to add") },
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    ({ by }) => {
      const value = counter.add(by);
      log("info", `counter is ${value}`);
      return said(`The counter is ${value}.`);
    },
  );

  server.registerTool(
    "add_tool",
    {
      title: "Add a tool",
      description: "Add a tool to this server while it runs; clients are told that the list changed.",
      inputSchema: {
        name: z
          .string()
          .regex(/^[a-z][a-z0-9_]{0,31}$/, "use a lower-case letter, then up to 31 letters, digits or _")
          .describe("Name of the new tool"),
        reply: z.string().max(1_000).default("Hello from a tool that was not here before.").describe("What it answers"),
      },
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    ({ name, reply }) => {
      if (added.size >= MAX_ADDED) return failed(`${MAX_ADDED} tools were added already; remove one with remove_tool.`);
      try {
        const config = {
          description: "Answers with a fixed text; it was added at run time",
          annotations: { readOnlyHint: true },
        };
        added.set(
          name,
          server.registerTool(name, config, () => said(reply)),
        );
      } catch {
        return failed(`A tool named ${name} exists already; choose another name.`); // the one thing the SDK refuses here
      }
      log("info", `tool ${name} added`);
      return said(`Added ${name}.`);
    },
  );

  server.registerTool(
    "remove_tool",
    {
      title: "Remove a tool",
      description: "Remove a tool that add_tool added; clients are told that the list changed.",
      inputSchema: { name: z.string().min(1).max(32).describe("Name of the tool") },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    },
    ({ name }) => {
      const tool = added.get(name);
      if (!tool)
        return failed(`No tool named ${name} was added; added are: ${[...added.keys()].join(", ") || "none"}.`);
      tool.remove();
      added.delete(name);
      log("info", `tool ${name} removed`);
      return said(`Removed ${name}.`);
    },
  );
}

function said(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

function failed(sentence: string): CallToolResult {
  return { isError: true, ...said(sentence) };
}
