// The client that the conformance suite examines: Banyan's own connection and sign-in, with a browser that follows redirects in the
// place of a person. The suite starts it once for each scenario, names the scenario and gives the address of its server.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorizersIn } from "../dist/mcp/client/oauth/authorizers.js";
import { CredentialFile } from "../dist/mcp/client/oauth/credentials.js";
import { ScopeNeededError, SignInNeededError } from "../dist/mcp/client/oauth/errors.js";
import { login } from "../dist/mcp/client/oauth/login.js";
import { RemoteLink } from "../dist/mcp/client/remote-link.js";
import { serverConfig } from "../dist/mcp/client/server-config.js";
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
  const config = serverConfig({ name: "suite", url: server.href, oauth: settings, timeoutMs: 10_000 });
  const silent = () => {};
  const authorizerOf = authorizersIn(folder);
  const link = new RemoteLink(
    { config, authorizerOf, onLost: silent, onDoubt: silent, onRenewed: silent, onFault: silent },
    server.href,
    Promise.resolve(),
  );
  return link.connect({
    clientInfo: { name: "banyan", version: "0" },
    onNotification: silent,
    elicit: async ({ schema }) => acceptedAsItStands(createForm(schema, {})),
  });
}

/** Signs in where that is what is missing, as a user would who is told so. */
async function signedIn(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const helps = error instanceof SignInNeededError || error instanceof ScopeNeededError;
      if (!helps || ++logins > MOST_LOGINS) throw error;
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
