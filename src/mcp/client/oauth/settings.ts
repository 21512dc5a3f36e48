// What the settings say of signing in to one server; all of it is optional, for most servers say the rest themselves.
import { z } from "zod";

export const oauthSettings = z.strictObject({
  /** A client registered by hand at the authorization server; absent: Banyan registers itself. */
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(1).optional(),
  /** PEM (PKCS #8); proves the client instead of a secret (`private_key_jwt`). */
  privateKey: z.string().min(1).optional(),
  /** Asked for besides what the server asks for. */
  scopes: z.array(z.string()).optional(),
  /** `client_credentials`: the client signs in as itself, without a user. */
  grant: z.enum(["authorization_code", "client_credentials"]).optional(),
  /** An https address of a client id metadata document, used where the authorization server takes such. */
  clientMetadataUrl: z.string().optional(),
  /** Of the address the browser comes back to; any free one when absent. */
  redirectPort: z.number().int().min(1).max(65_535).optional(),
});

export type OAuthSettings = z.output<typeof oauthSettings>;
