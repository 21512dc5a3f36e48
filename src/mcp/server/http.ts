// The routes: MCP under /mcp, and what people and probes ask. Requests and responses are the web's own, so this runs wherever these
// are. A page of some web site that gets a browser to talk to this machine is turned away by its Origin, or, where the site's name was
// made to point here, by the Host it names.
import { Hono } from "hono";
import { isLoopback } from "./address.js";
import { type McpOverSse, MESSAGES_PATH } from "./http-sse.js";

/** What is behind the routes. */
export interface HttpDoors {
  mcp(request: Request): Promise<Response>;
  /** Absent: clients of 2024-11-05 are not answered. */
  readonly sse: McpOverSse | undefined;
  /** `well`: it can be worked with. */
  health(): Promise<{ readonly well: boolean; readonly body: object }>;
  live(): Promise<boolean>;
  ready(): Promise<boolean>;
  tools(): Promise<object>;
  /** It ends, and takes nothing new. */
  stopping(): boolean;
  /** An error nobody foresaw. */
  failed(error: unknown): void;
}

export function httpApp(doors: HttpDoors): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const said = { host: context.req.header("host"), origin: context.req.header("origin") };
    if (!isOurs(said)) return context.json({ error: "only this machine may ask, by its own name" }, 403);
    if (doors.stopping()) return context.json({ error: "Banyan is stopping" }, 503, { Connection: "close" });
    await next();
    return undefined;
  });
  app.get("/health", async (context) => {
    const { well, body } = await doors.health();
    return context.json(body, well ? 200 : 503);
  });
  app.get("/health/live", async (context) => {
    const live = await doors.live();
    return context.json({ live }, live ? 200 : 503);
  });
  app.get("/health/ready", async (context) => {
    const ready = await doors.ready();
    return context.json({ ready }, ready ? 200 : 503);
  });
  app.get("/tools", async (context) => context.json(await doors.tools()));
  app.all("/mcp", (context) => doors.mcp(context.req.raw));
  const { sse } = doors;
  if (sse !== undefined) {
    app.all("/sse", (context) => sse.stream(context.req.raw));
    app.all(MESSAGES_PATH, (context) => sse.message(context.req.raw));
  }
  app.notFound((context) =>
    context.json({ error: "there are /mcp, /tools, /health, /health/live, /health/ready" }, 404),
  );
  app.onError((error, context) => {
    doors.failed(error);
    return context.json({ error: "Banyan could not do that; its log says why" }, 500);
  });
  return app;
}

/** Programs send no Origin; a page of this machine's own may ask. */
function isOurs({
  host,
  origin,
}: {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}): boolean {
  const named = host === undefined ? undefined : hostIn(`http://${host}`);
  if (named === undefined || !isLoopback(named)) return false;
  if (origin === undefined) return true;
  const from = hostIn(origin);
  return from !== undefined && /^https?:/.test(origin) && isLoopback(from);
}

function hostIn(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
