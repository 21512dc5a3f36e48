// Who signs in to the servers at an address: for each of them the tokens of its own, in a folder for all. A server that is given an
// Authorization header by the settings is signed in by that.
import type { Authorizer } from "../http/authorizer.js";
import type { ServerConfig } from "../server-config.js";

/** What a link asks (link.ts); the code of the sign-in is loaded with the first server that is there to be asked. */
export function authorizersIn(folder: string): (config: ServerConfig) => Promise<Authorizer | undefined> {
  return async ({ name, url, headers, oauth }) => {
    const hasOwn = Object.keys(headers).some((header) => header.toLowerCase() === "authorization");
    if (url === undefined || hasOwn) return undefined;
    const [{ OAuthAuthorizer }, { CredentialFile }] = await Promise.all([
      import("./authorizer.js"),
      import("./credentials.js"),
    ]);
    const server = new URL(url);
    return new OAuthAuthorizer({
      name,
      server,
      settings: oauth,
      credentials: new CredentialFile(folder, name, server),
    });
  };
}
