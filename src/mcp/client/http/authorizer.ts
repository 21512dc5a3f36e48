// Whoever signs our requests in, where fixed headers are not enough: OAuth is one. Between it and the wire there are only these
// words, so that no SDK type leaves its adapter.

export interface Authorizer {
  /** The value of the Authorization header of the next request; undefined to send none. Rejects if there can be none now. */
  authorization(): Promise<string | undefined>;
  /**
   * True: send the request once more, for `authorization` gives something better now. False: the refusal is told to the user as it
   * is. Rejects with the typed error the user is to see instead, at the latest after a few refusals of one request.
   */
  refused(refusal: Refusal): Promise<boolean>;
}

/** A request that was answered with 401 or 403. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly wwwAuthenticate: string | undefined;
  /** The Authorization header it was sent with. */
  readonly sent: string | undefined;
  /** How often the request has been refused, with this. */
  readonly times: number;
}
