// The routes: MCP under /mcp, and what people and probes ask. The doorkeeper stands before all of them.
import type { Visitor } from "./gate/doorkeeper.js";
import type { Pass } from "./gate/gate.js";
import { httpRefusal } from "./gate/http-refusals.js";
import type { Principal } from "./gate/principal.js";
import { notAllowed } from "./http-body.js";
import { type McpOverSse, MESSAGES_PATH } from "./http-sse.js";
import { Refusal } from "./refusals.js";
import { type Request, Response } from "./web.js";

/** What is behind the routes. */
export interface HttpDoors {
  /** Who it is that asks, or what they are told instead. */
  letIn(visitor: Visitor): Principal | Response | Promise<Principal | Response>;
  /** What requests of theirs that belong to no session come through. */
  pass(principal: Principal): Pass;
  mcp(request: Request, principal: Principal): Response | Promise<Response>;
  /** Absent: clients of 2024-11-05 are not answered. */
  readonly sse: McpOverSse | undefined;
  /** `well`: it can be worked with. */
  health(): Promise<{ readonly well: boolean; readonly body: object }>;
  live(): Promise<boolean>;
  ready(): Promise<boolean>;
  tools(principal: Principal): Promise<object>;
  /** JSON-RPC about the catalog. */
  rpc(request: Request, principal: Principal): Promise<Response>;
  reindex(): Promise<object>;
  /** `accept`: what the request says it takes. */
  metrics(accept: string | undefined): Promise<Response>;
  tree(): Response;
  /** It ends, and takes nothing new. */
  stopping(): boolean;
  /** An error nobody foresaw. */
  failed(error: unknown): void;
}

/** What requests are counted by. */
export const ROUTES = new Set([
  ...[
    "/",
    "/reindex",
    "/mcp",
    "/sse",
    MESSAGES_PATH,
    "/tools",
    "/metrics",
    "/tree",
    "/health",
    "/health/live",
    "/health/ready",
  ],
]);

type Route = (request: Request, principal: Principal) => Response | Promise<Response>;

/** Messages of JSON-RPC are counted one by one where they are answered; and a probe asks most when all is too much. */
const UNCOUNTED = new Set(["/", "/sse", MESSAGES_PATH, "/health/live", "/health/ready"]);

/** Answers requests; never rejects. */
export function httpApp(doors: HttpDoors): (request: Request) => Promise<Response> {
  const routeOf = routes(doors);
  return async (request) => {
    try {
      const { path, headers } = request;
      const said = (name: string): string | undefined => headers.get(name) ?? undefined;
      const asked = { host: said("host"), origin: said("origin"), authorization: said("authorization") };
      const visitor = doors.letIn({ path, address: request.incoming.socket.localAddress, ...asked });
      const principal = visitor instanceof Promise ? await visitor : visitor;
      if (principal instanceof Response) return principal;
      if (doors.stopping()) return stopping();
      if (path === "/mcp") return await doors.mcp(request, principal);
      const answer = () => routeOf(request)(request, principal);
      return await (UNCOUNTED.has(path) ? answer() : through(doors.pass(principal), path, answer));
    } catch (error) {
      doors.failed(error);
      return Response.json({ error: "Banyan could not do that; its log says why" }, { status: 500 });
    }
  };
}

function stopping(): Response {
  return Response.json({ error: "Banyan is stopping" }, { status: 503, headers: { Connection: "close" } });
}

function routes(doors: HttpDoors): (request: Request) => Route {
  const { sse } = doors;
  const any = new Map<string, Route>(
    sse === undefined
      ? []
      : [
          ["/sse", (request, principal) => sse.stream(request, principal)],
          [MESSAGES_PATH, (request, principal) => sse.message(request, principal)],
        ],
  );
  const post = new Map<string, Route>([
    ["/", (request, principal) => doors.rpc(request, principal)],
    ["/reindex", async () => Response.json(await doors.reindex())],
  ]);
  const get = new Map<string, Route>([
    [
      "/health",
      async () => {
        const { well, body } = await doors.health();
        return Response.json(body, { status: well ? 200 : 503 });
      },
    ],
    [
      "/health/live",
      async () => {
        const live = await doors.live();
        return Response.json({ live }, { status: live ? 200 : 503 });
      },
    ],
    [
      "/health/ready",
      async () => {
        const ready = await doors.ready();
        return Response.json({ ready }, { status: ready ? 200 : 503 });
      },
    ],
    ["/metrics", (request) => doors.metrics(request.headers.get("accept") ?? undefined)],
    ["/tree", () => doors.tree()],
    ["/tools", async (_, principal) => Response.json(await doors.tools(principal))],
  ]);
  return ({ method, path }) => {
    const found =
      method === "POST" ? post.get(path) : method === "GET" || method === "HEAD" ? get.get(path) : undefined;
    return found ?? any.get(path) ?? (post.has(path) ? () => notAllowed("POST") : notFound);
  };
}

function notFound(): Response {
  const error =
    "there are / (POST), /reindex (POST), /mcp, /tools, /metrics, /tree, /health, /health/live, /health/ready";
  return Response.json({ error }, { status: 404 });
}

/** Answers when it is its turn, or with the gate's refusal. */
async function through(pass: Pass, path: string, answer: () => Response | Promise<Response>): Promise<Response> {
  try {
    await pass.enter(path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, data } = error;
    const refused = httpRefusal({ error: { code, data } });
    return Response.json({ error: message, data }, { status: refused?.status ?? 503, headers: refused?.headers ?? {} });
  }
  try {
    return await answer();
  } finally {
    pass.leave(path);
  }
}
