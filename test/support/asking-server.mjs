// An MCP server over stdio that asks, logs and tells on demand, without any SDK. What it was told itself is answered by `told`.
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const text = (value) => ({
  content: [{ type: "text", text: typeof value === "string" ? value : JSON.stringify(value) }],
});
const told = { subscribed: [], unsubscribed: [], levels: [], cancelled: 0, withdrawn: 0, meta: [] };
const questions = new Map();
/** The call of each question that is open. */
const open = new Map();
let count = 0;

function ask(method, params, call) {
  const id = `q${++count}`;
  open.set(call, id);
  say({ id, method, params });
  return new Promise((resolve) => questions.set(id, resolve));
}

const form = (message) => ({
  message,
  requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
});

const run = {
  ask: async ({ message }, id) => text(await ask("elicitation/create", form(message), id)),
  visit: async (params, id) => text(await ask("elicitation/create", { mode: "url", ...params }, id)),
  sample: async (params, id) => text(await ask("sampling/createMessage", params, id)),
  roots: async (_, id) => text(await ask("roots/list", {}, id)),
  log({ messages }) {
    for (const params of messages) say({ method: "notifications/message", params });
    return { ...text("logged"), _meta: { "example.org/cost": 3 } };
  },
  touch({ uri }) {
    say({ method: "notifications/resources/updated", params: { uri } });
    return text("touched");
  },
  done({ elicitationId }) {
    say({ method: "notifications/elicitation/complete", params: { elicitationId } });
    return text("told");
  },
  locked: () => undefined,
  quiet: () => text("nothing to ask"),
  told: () => text(told),
  die: () => process.exit(3),
};

const resources = ["note://0", "note://1", "note://2"].map((uri) => ({ uri, name: uri }));
const tools = Object.keys(run).map((name) => ({ name, description: name, inputSchema: { type: "object" } }));

/** Beside tools: each asks for a name before it answers. */
const asked = {
  "prompts/get": ({ name }, called) => ({
    messages: [{ role: "user", content: { type: "text", text: `${name} ${called}` } }],
  }),
  "resources/read": ({ uri }, called) => ({ contents: [{ uri, text: `${uri} ${called}` }] }),
  "completion/complete": (_, called) => ({ completion: { values: [called] } }),
};

function note(what, value) {
  told[what].push(value);
  return {};
}

const answer = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {}, logging: {}, resources: { subscribe: true }, prompts: {}, completions: {} },
    serverInfo: { name: "asking", version: "1" },
  }),
  ping: () => ({}),
  "tools/list": () => ({ tools }),
  "resources/list": () => ({ resources }),
  "prompts/list": () => ({ prompts: [{ name: "greeting", arguments: [{ name: "who" }] }] }),
  "resources/subscribe": ({ uri }) => note("subscribed", uri),
  "resources/unsubscribe": ({ uri }) => note("unsubscribed", uri),
  "logging/setLevel": ({ level }) => note("levels", level),
};

async function handle({ id, method, params, result, error }) {
  if (method === undefined) {
    questions.get(id)?.(error ?? result);
    questions.delete(id);
  } else if (method === "notifications/cancelled") {
    told.cancelled++;
    const question = open.get(params.requestId);
    if (question !== undefined) say({ method: "notifications/cancelled", params: { requestId: question } });
  } else if (method === "tools/call" && params.name === "locked") {
    const elicitations = [
      { mode: "url", elicitationId: "key-1", message: "unlock it", url: "https://example.org/?token=abcdefgh12345678" },
    ];
    say({ id, error: { code: -32042, message: "locked", data: { elicitations } } });
  } else if (method === "tools/call") {
    if (params._meta !== undefined) told.meta.push(params._meta);
    say({ id, result: await run[params.name](params.arguments ?? {}, id) });
  } else if (method in asked) {
    const { content } = await ask("elicitation/create", form(method), id);
    say({ id, result: asked[method](params, content?.name ?? "nobody") });
  } else if (id !== undefined) {
    const found = answer[method]?.(params);
    if (found === undefined) say({ id, error: { code: -32601, message: "Method not found" } });
    else say({ id, result: found });
  }
}

let buffered = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (buffered + chunk).split("\n");
  buffered = lines.pop();
  for (const line of lines) void handle(JSON.parse(line));
});
process.stdin.on("end", () => process.exit(0));
