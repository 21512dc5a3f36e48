// An MCP server over stdio, without any SDK, that offers what a test wants it to, and something else when it is told.
//   --offer=FILE     begins with the lists in FILE, as JSON: { "tools": [{ "name": "a", … }], "resources": […], "prompts": […] }
//   --tools=N        begins with N tools, tool-1 to tool-N
//   --page=N         lists N things on a page (default 100)
//   --started=FILE   adds a line to FILE when it starts
//   --no-subscribe   does not say when a resource changes
// Its own tools, always there: `set` {"offer": {…}, "times": 1} replaces lists and says so that many times, `asked` answers how often
// each method was asked, `write` {"uri": …, "text": …} changes what a resource says.
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const flags = process.argv.slice(2);
const value = (flag) => flags.find((given) => given.startsWith(`${flag}=`))?.slice(flag.length + 1);

if (value("--started") !== undefined) appendFileSync(value("--started"), "started\n");

const tool = (name, more = {}) => ({ name, description: `Does ${name}.`, inputSchema: { type: "object" }, ...more });
const own = [tool("set"), tool("asked", { annotations: { readOnlyHint: true } }), tool("write")];
const numbered = Array.from({ length: Number(value("--tools") ?? 0) }, (_, index) => tool(`tool-${index + 1}`));
const given = value("--offer") === undefined ? {} : JSON.parse(readFileSync(value("--offer"), "utf8"));
const offer = { tools: numbered, resources: [], resourceTemplates: [], prompts: [], ...given };
const pageSize = Number(value("--page") ?? 100);
const asked = {};
const texts = new Map();
const subscribed = new Set();

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const text = (content) => ({ content: [{ type: "text", text: content }] });

function page(list, cursor = "0") {
  const from = Number(cursor);
  const more = from + pageSize < list.length ? { nextCursor: `${from + pageSize}` } : {};
  return { items: list.slice(from, from + pageSize), more };
}

function listed(kind, list, { cursor } = {}) {
  const { items, more } = page(list, cursor);
  return { [kind]: items, ...more };
}

const noticeOf = { tools: "tools", resources: "resources", resourceTemplates: "resources", prompts: "prompts" };

const tools = {
  set({ offer: next, times = 1 }) {
    Object.assign(offer, next);
    const notices = new Set(Object.keys(next).map((kind) => noticeOf[kind]));
    for (let n = 0; n < times; n++) for (const kind of notices) say({ method: `notifications/${kind}/list_changed` });
    return text("done");
  },
  asked: () => text(JSON.stringify(asked)),
  write({ uri, text: content }) {
    texts.set(uri, content);
    if (subscribed.has(uri)) say({ method: "notifications/resources/updated", params: { uri } });
    return text("done");
  },
};

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    serverInfo: { name: "changing", version: "1" },
    capabilities: {
      tools: { listChanged: true },
      resources: { listChanged: true, subscribe: !flags.includes("--no-subscribe") },
      prompts: { listChanged: true },
    },
  }),
  ping: () => ({}),
  "tools/list": (params) => listed("tools", [...own, ...offer.tools], params),
  "resources/list": (params) => listed("resources", offer.resources, params),
  "resources/templates/list": (params) => listed("resourceTemplates", offer.resourceTemplates, params),
  "prompts/list": (params) => listed("prompts", offer.prompts, params),
  "prompts/get": ({ name }) => ({ messages: [{ role: "user", content: { type: "text", text: name } }] }),
  "tools/call": ({ name, arguments: args }) => tools[name]?.(args) ?? text(`ran ${name}`),
  "resources/read": ({ uri }) => ({ contents: [{ uri, text: texts.get(uri) ?? `what ${uri} says` }] }),
  "resources/subscribe"({ uri }) {
    subscribed.add(uri);
    return {};
  },
  "resources/unsubscribe"({ uri }) {
    subscribed.delete(uri);
    return {};
  },
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined) return;
    asked[method] = (asked[method] ?? 0) + 1;
    const known = methods[method];
    if (known === undefined) say({ id, error: { code: -32601, message: "no such method" } });
    else say({ id, result: known(params) });
  })
  .on("close", () => process.exit(0));
