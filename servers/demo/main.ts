#!/usr/bin/env node
// A server to try a client with, offline: it works slowly, asks questions, changes while it runs, and fails in every way a real
// server does, so that progress, forms, updates and recovery can be seen before any other server is set up.
import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { endWithClient } from "../lifetime.js";
import { addFailures } from "./failures.js";
import { addLiveTools } from "./live-tools.js";
import { addResources } from "./resources.js";

const TOPICS = [
  "autumn rain",
  "banyan",
  "broken bridge",
  "dawn",
  "harbour",
  "lake",
  "moonlight",
  "recovery",
  "roots",
  "snow",
];

endWithClient();

const server = new McpServer(
  { name: "banyan-demo", title: "Banyan demo", version: "0.1.0" },
  {
    capabilities: {
      logging: {},
      completions: {},
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
    },
    instructions:
      "Tools that show progress, questions, changing lists and failures. Nothing here touches files or the network.",
  },
);

const counter = addResources(server);
addLiveTools(server, counter);
addFailures(server);

server.registerPrompt(
  "haiku",
  {
    title: "Haiku",
    description: "Ask the model for a haiku",
    argsSchema: {
      topic: completable(z.string().min(1).max(100).describe("What it is about"), (typed) =>
        TOPICS.filter((topic) => topic.startsWith(typed.toLowerCase())),
      ),
    },
  },
  ({ topic }) => {
    const text = `Write a haiku about ${topic}: three lines of five, seven and five syllables.`;
    return { description: `A haiku about ${topic}`, messages: [{ role: "user", content: { type: "text", text } }] };
  },
);

// The SDK gives its first request the id 0, and its clients overlook the cancellation of that very id. A ping takes it, so that
// the first question to the user can be withdrawn like any other.
server.server.oninitialized = () => {
  server.server.ping().catch(() => {}); // a client that does not answer pings can still be served
};
server.server.onerror = (error) => process.stderr.write(`banyan-demo: a message was skipped (${error.name}).\n`);
// The SDK closes the transport when a message is too long to hold, and nothing would ever be heard again.
server.server.onclose = () => process.exit(1);
await server.connect(new StdioServerTransport());
