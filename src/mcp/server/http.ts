// The routes: MCP under /mcp, and what people and probes ask. Requests and responses are the web's own, so this runs wherever these
// are. The doorkeeper stands before all of them.
import { Hono } from "hono";
import { getPath } from "hono/utils/url";
import { METADATA_PATH } from "./gate/access-tokens.js";
import type { Visitor } from "./gate/doorkeeper.js";
import type { Pass } from "./gate/gate.js";
import { httpRefusal } from "./gate/http-refusals.js";
import type { Principal } from "./gate/principal.js";
import { notAllowed } from "./http-body.js";
import { type McpOverSse, MESSAGES_PATH } from "./http-sse.js";
import { Refusal } from "./refusals.js";
import type { Told } from "./told.js";
import type { RequestTrail } from "./trail.js";

/** What is behind the routes. */
export interface HttpDoors {
  /** Who it is that asks, or what they are told instead. */
  letIn(visitor: Visitor): Principal | Response | Promise<Principal | Response>;
  /** What requests of theirs that belong to no session come through. */
  pass(principal: Principal): Pass;
  mcp(request: Request, principal: Principal, trail: RequestTrail): Response | Promise<Response>;
  /** Absent: clients of 2024-11-05 are not answered. */
  readonly sse: McpOverSse | undefined;
  /** `well`: it can be worked with. */
  readonly told: Told;
  live(): Promise<boolean>;
  ready(): Promise<boolean>;
  /** JSON-RPC about the catalog. */
  rpc(request: Request, principal: Principal): Promise<Response>;
  reindex(): Promise<object>;
  /** By which authorization server it is guarded; absent: by none. */
  readonly guard: (() => object) | undefined;
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
    METADATA_PATH,
    "/tools",
    "/metrics",
    "/tree",
    "/health",
    "/health/live",
    "/health/ready",
  ],
]);

interface HttpEnvironment {
  Bindings: { readonly principal: Principal; readonly trail: RequestTrail };
}

/** Messages of JSON-RPC are counted one by one where they are answered; and a probe asks most when all is too much. */
const UNCOUNTED = new Set(["/", "/sse", MESSAGES_PATH, "/health/live", "/health/ready"]);

/** Answers requests; `address` is what the connection was made to. */
export function httpApp(
  doors: HttpDoors,
): (request: Request, address: string | undefined, trail: RequestTrail) => Promise<Response> {
  const rest = routes(doors);
  return async (request, address, trail) => {
    try {
      const path = getPath(request);
      const { headers } = request;
      const visitor = doors.letIn({
        path,
        address,
        host: headers.get("host") ?? undefined,
        origin: headers.get("origin") ?? undefined,
        authorization: headers.get("authorization") ?? undefined,
      });
      const principal = visitor instanceof Promise ? await visitor : visitor;
      if (principal instanceof Response) return principal;
      if (doors.stopping()) return stopping();
      // Nearly all that is asked is MCP, in thousands a second, and routing takes several promises for each.
      return await (path === "/mcp" ? doors.mcp(request, principal, trail) : rest.fetch(request, { principal, trail }));
    } catch (error) {
      doors.failed(error);
      return Response.json({ error: "Banyan could not do that; its log says why" }, { status: 500 });
    }
  };
}

function stopping(): Response {
  return Response.json({ error: "Banyan is stopping" }, { status: 503, headers: { Connection: "close" } });
}

function routes(doors: HttpDoors): Hono<HttpEnvironment> {
  const app = new Hono<HttpEnvironment>();
  app.use(async (context, next) => {
    const { path } = context.req;
    const { principal } = context.env;
    if (UNCOUNTED.has(path)) await next();
    else return through(doors.pass(principal), path, next);
    return undefined;
  });
  app.get("/health", () => doors.told.health());
  app.get("/health/live", async (context) => {
    const live = await doors.live();
    return context.json({ live }, live ? 200 : 503);
  });
  app.get("/health/ready", async (context) => {
    const ready = await doors.ready();
    return context.json({ ready }, ready ? 200 : 503);
  });
  app.get("/metrics", (context) => doors.told.metrics(context.req.header("accept")));
  app.get("/tree", () => doors.told.tree());
  app.get("/tools", (context) => doors.told.tools(context.env.principal.permission));
  app.post("/", (context) => doors.rpc(context.req.raw, context.env.principal));
  app.post("/reindex", async (context) => context.json(await doors.reindex()));
  for (const path of ["/", "/reindex"]) app.all(path, () => notAllowed("POST"));
  const { sse, guard } = doors;
  if (guard !== undefined) {
    for (const path of [METADATA_PATH, `${METADATA_PATH}/*`]) app.get(path, (context) => context.json(guard()));
  }
  if (sse !== undefined) {
    app.all("/sse", (context) => sse.stream(context.req.raw, context.env.principal));
    app.all(MESSAGES_PATH, (context) => sse.message(context.req.raw, context.env.principal, context.env.trail));
  }
  app.notFound((context) =>
    context.json(
      {
        error:
          "there are / (POST), /reindex (POST), /mcp, /tools, /metrics, /tree, /health, /health/live, /health/ready",
      },
      404,
    ),
  );
  app.onError((error) => {
    throw error;
  });
  return app;
}

/** Answers when it is its turn, or with the gate's refusal. */
async function through(pass: Pass, path: string, next: () => Promise<void>): Promise<Response | undefined> {
  try {
    await pass.enter(path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, data } = error;
    const refused = httpRefusal({ error: { code, data } });
    return Response.json({ error: message, data }, { status: refused?.status ?? 503, headers: refused?.headers ?? {} });
  }
  try {
    await next();
    return undefined;
  } finally {
    pass.leave(path);
  }
}
