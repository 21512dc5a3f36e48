// What the settings say of signing in to one server; all of it is optional, for most servers say the rest themselves.

export interface OAuthSettings {
  /** A client registered by hand at the authorization server; absent: Banyan registers itself. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** PEM (PKCS #8); proves the client instead of a secret (`private_key_jwt`). */
  readonly privateKey?: string;
  /** Asked for besides what the server asks for. */
  readonly scopes?: readonly string[];
  /** `client_credentials`: the client signs in as itself, without a user. */
  readonly grant?: "authorization_code" | "client_credentials";
  /** An https address of a client id metadata document, used where the authorization server takes such. */
  readonly clientMetadataUrl?: string;
  /** Of the address the browser comes back to; any free one when absent. */
  readonly redirectPort?: number;
}
