// The client that the conformance suite examines: Banyan's own connection and sign-in, with a browser that follows redirects in the
// place of a person. The suite starts it once for each scenario, names the scenario and gives the address of its server.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Connection } from "../dist/mcp/client/connection.js";
import { Authorizer } from "../dist/mcp/client/oauth/authorizer.js";
import { CredentialFile } from "../dist/mcp/client/oauth/credentials.js";
import { SignInNeededError } from "../dist/mcp/client/oauth/errors.js";
import { login } from "../dist/mcp/client/oauth/login.js";
import { completed, createForm } from "../dist/ui/form.js";

const server = new URL(process.argv[2] ?? "");
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");
/** More than any honest server needs: a first sign-in, and a step up. */
const MOST_LOGINS = 3;

const settings = {
  // What the suite calls for where a client offers such a document.
  clientMetadataUrl: "https://conformance-test.local/client-metadata.json",
  ...(context.client_id === undefined ? {} : { clientId: context.client_id }),
  ...(context.client_secret === undefined ? {} : { clientSecret: context.client_secret }),
  ...(context.private_key_pem === undefined ? {} : { privateKey: context.private_key_pem }),
  ...(scenario.includes("client-credentials") ? { grant: "client_credentials" } : {}),
};
const folder = mkdtempSync(join(tmpdir(), "banyan-conformance-client-"));
const credentials = new CredentialFile(folder, "suite", server);
let logins = 0;

try {
  const connection = await signedIn(open);
  const tools = await signedIn(() => connection.listTools());
  for (const tool of tools) await signedIn(() => connection.callTool(tool.name, argumentsFor(tool)));
  await connection.close("done");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0); // what the suite keeps open is not waited for

function open() {
  const authorizer = new Authorizer({ name: "suite", server, settings, credentials });
  const transport = new StreamableHTTPClientTransport(server, { fetch: authorized(authorizer) });
  return Connection.open(transport, {
    server: "suite",
    clientInfo: { name: "banyan", version: "0" },
    connectTimeoutMs: 10_000,
    timeoutMs: 10_000,
    onNotification: () => {},
    elicit: async ({ schema }) => acceptedAsItStands(createForm(schema, {})),
  });
}

function authorized(authorizer) {
  return async (url, init) => {
    for (let times = 1; ; times++) {
      const sent = await authorizer.authorization();
      const headers = new Headers(init.headers);
      if (sent !== undefined) headers.set("authorization", sent);
      const answer = await fetch(url, { ...init, headers });
      const { status } = answer;
      if (status !== 401 && status !== 403) return answer;
      const wwwAuthenticate = answer.headers.get("www-authenticate") ?? undefined;
      if (!(await authorizer.refused({ status, wwwAuthenticate, sent, times }))) return answer;
      await answer.body?.cancel();
    }
  };
}

/** Signs in where that is what is missing, as a user would who is told so. */
async function signedIn(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SignInNeededError) || ++logins > MOST_LOGINS) throw error;
      await login({ server, settings, credentials, show: browse });
    }
  }
}

/** The chat's form, sent by a user who changes nothing. */
function acceptedAsItStands(form) {
  const done = completed(form);
  return "values" in done ? { action: "accept", values: done.values } : { action: "cancel" };
}

async function browse(address) {
  const answer = await fetch(address, { redirect: "manual" });
  const back = answer.headers.get("location");
  if (back === null) throw new Error(`the authorization endpoint answers ${answer.status} and no redirect`);
  await fetch(back);
}

function argumentsFor({ inputSchema }) {
  const sample = { number: 1, integer: 1, string: "text", boolean: true };
  const wanted = Object.entries(inputSchema.properties ?? {});
  return Object.fromEntries(wanted.map(([name, { type }]) => [name, sample[type] ?? {}]));
}
