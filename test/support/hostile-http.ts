// An MCP server over HTTP that misbehaves on demand, written without any SDK so that it can: each of its tools, and each of its
// paths, does one thing wrong. Everything else about it is in order.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown> };
}

export interface HostileHttp {
  readonly port: number;
  readonly url: string;
  /** What it has been asked, as `POST tools/call` or `GET`. */
  readonly asked: readonly string[];
  /** The headers of each request. */
  readonly headers: readonly IncomingMessage["headers"][];
  /** Sessions it has given out. */
  readonly sessions: number;
  /** Forgets the sessions there are, as a server that was started again does. */
  forget(): void;
  /** Goes on as another version of itself. */
  upgrade(): void;
  /** What it takes and never answers from now on, such as `initialize`. */
  readonly deaf: Set<string>;
  /** The standing streams that are open now. */
  readonly standing: ReadonlySet<ServerResponse>;
  close(): Promise<void>;
}

const TOOLS = [
  "echo",
  "stream_echo",
  "cut",
  "reset",
  "resume",
  "never",
  "silent",
  "giant",
  "giant_event",
  "html",
  "empty",
  "other",
  "broken",
];
const GIANT = "x".repeat(200_000);

export async function startHostileHttp({ port = 0, refuseGet = 0 } = {}): Promise<HostileHttp> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const standing = new Set<ServerResponse>();
  const interrupted = new Map<string, number | string | undefined>();
  const known = new Set<string>();
  const deaf = new Set<string>();
  let sessions = 0;
  let version = "1";

  const result = (id: unknown, value: unknown) => ({ jsonrpc: "2.0", id, result: value });
  const said = (text: string) => ({ content: [{ type: "text", text }] });
  const json = (response: ServerResponse, value: unknown, more: Record<string, string> = {}): void => {
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...more }).end(JSON.stringify(value));
  };
  const stream = (response: ServerResponse): ServerResponse =>
    response.writeHead(200, { "content-type": "text/event-stream" });
  const event = (value: unknown, id?: string): string =>
    `${id === undefined ? "" : `id: ${id}\n`}event: message\ndata: ${JSON.stringify(value)}\n\n`;

  function callTool(request: Message, response: ServerResponse): void {
    const { id, params } = request;
    switch (params?.name) {
      case "stream_echo": // in order, as a stream
        stream(response).end(event(result(id, said(String(params?.arguments?.text ?? "")))));
        return;
      case "cut": // a stream that breaks off before the answer, and cannot be gone on with
        stream(response).write(": so far so good\n\n", () => response.destroy());
        return;
      case "reset": // no answer at all, and the connection gone
        response.destroy();
        return;
      case "resume": // a stream that breaks off and can be gone on with
        interrupted.set("e1", id);
        stream(response).write("id: e1\nretry: 10\ndata: \n\n", () => response.destroy());
        return;
      case "never":
        return;
      case "silent": // a stream of nothing
        stream(response).write(": \n\n");
        return;
      case "giant":
        return json(response, result(id, said(GIANT)));
      case "giant_event":
        stream(response).end(event(result(id, said(GIANT))));
        return;
      case "html":
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
        return;
      case "empty":
        response.writeHead(202).end();
        return;
      case "other": // the answer to a question nobody asked
        return json(response, result("somebody else's", said("not for you")));
      case "broken":
        response.writeHead(503, { "content-type": "text/plain" }).end("come back \u001b[31mlater\n");
        return;
      default:
        return json(response, result(id, said(String(params?.arguments?.text ?? ""))));
    }
  }

  function post(request: IncomingMessage, message: Message, response: ServerResponse): void {
    const { id, method } = message;
    const session = request.headers["mcp-session-id"];
    if (method === "initialize") {
      known.add(`s${++sessions}`);
      const capabilities = { tools: {}, resources: { subscribe: true } };
      const introduction = { protocolVersion: "2025-06-18", capabilities, serverInfo: { name: "hostile", version } };
      return json(response, result(id, introduction), { "mcp-session-id": `s${sessions}` });
    }
    if (typeof session !== "string" || !known.has(session)) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32_001, message: "Session not found" } }),
      );
    } else if (id === undefined || method === undefined) response.writeHead(202).end();
    else if (method === "tools/list") {
      const tools = TOOLS.map((name) => ({
        name,
        inputSchema: { type: "object" },
        annotations: { readOnlyHint: name === "cut" },
      }));
      json(response, result(id, { tools }));
    } else if (method === "tools/call") callTool(message, response);
    else if (method.endsWith("/list"))
      json(response, result(id, { resources: [], resourceTemplates: [], prompts: [] }));
    else json(response, result(id, {}));
  }

  function get(request: IncomingMessage, response: ServerResponse): void {
    const last = request.headers["last-event-id"];
    if (typeof last === "string" && interrupted.has(last)) {
      stream(response).end(event(result(interrupted.get(last), said("after all")), "e2"));
    } else if (refuseGet > 0) response.writeHead(refuseGet).end();
    else if (!known.has(String(request.headers["mcp-session-id"]))) response.writeHead(404).end();
    else {
      standing.add(response);
      response.once("close", () => standing.delete(response));
      stream(response).write(": hello\n\n");
    }
  }

  const server: Server = createServer((request, response) => {
    headers.push(request.headers);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const message: Message = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
      asked.push(`${request.method} ${message.method ?? ""}`.trim());
      if (deaf.has(message.method ?? "")) return;
      if (request.url === "/guarded") {
        response.writeHead(401, { "www-authenticate": "Bearer" }).end("who are you?");
      } else if (request.url === "/away") {
        response.writeHead(307, { location: "http://127.0.0.2:1/mcp" }).end();
      } else if (request.url === "/moved") {
        response.writeHead(308, { location: "/mcp" }).end();
      } else if (request.url === "/endless") stream(response).write(": \n\n");
      else if (request.url === "/elsewhere") stream(response).write("event: endpoint\ndata: http://127.0.0.2:1/\n\n");
      else if (request.url === "/page") response.writeHead(200, { "content-type": "text/html" }).end("<h1>Hi</h1>");
      else if (request.method === "GET") get(request, response);
      else if (request.method === "DELETE") response.writeHead(200).end();
      else post(request, message, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = (server.address() as AddressInfo).port; // it listens on a port
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/mcp`,
    asked,
    headers,
    standing,
    deaf,
    get sessions() {
      return sessions;
    },
    forget: () => known.clear(),
    upgrade: () => {
      known.clear();
      version = "2";
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
