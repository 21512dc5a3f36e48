// Whoever signs our requests in, where fixed headers are not enough: OAuth is one. Between it and the wire there are only these
// words, so that no SDK type leaves its adapter.

/** A request that was answered with 401 or 403. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly wwwAuthenticate: string | undefined;
  /** The Authorization header it was sent with, if that was the authorizer's. */
  readonly sent: string | undefined;
  /** How often the request has been refused, with this. */
  readonly times: number;
}

export interface Authorizer {
  /** The value of the Authorization header of the next request; undefined to send none. Rejects if there can be none now. */
  authorization(): Promise<string | undefined>;
  /**
   * True: send the request once more, for `authorization` gives something better now. False: the user is told of the refusal as it
   * stands. Rejects with the typed error the user is to see instead; one whose `permanent` is true parks the server. It is for the
   * authorizer to say when there have been enough `times`.
   */
  refused(refusal: Refusal): Promise<boolean>;
}
