// Whoever signs our requests in, where fixed headers are not enough: OAuth is one. Between it and the wire there are only these
// words, so that no SDK type leaves its adapter.

export interface Authorizer {
  /** The value of the Authorization header of the next request; undefined to send none. Rejects if there can be none now. */
  authorization(): Promise<string | undefined>;
  /**
   * The server has answered 401 or 403, perhaps with a WWW-Authenticate header. True: send it once more, for `authorization` gives
   * something better now. False: it is told to the user as it is. Rejects with the typed error the user is to see instead.
   */
  refused(status: 401 | 403, wwwAuthenticate: string | undefined): Promise<boolean>;
}
