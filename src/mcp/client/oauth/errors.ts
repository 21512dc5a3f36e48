// What can go wrong while signing in to a remote server. No message carries a token, a code or a secret: all that a server or an
// authorization server says is cut, made plain and shown without the request it answers.
import { BanyanError } from "../../../supervision/errors.js";

/** Only the user can help: the server takes no token there is. */
export class SignInNeededError extends BanyanError {
  readonly server: string;
  readonly permanent = true;

  /** `why` begins the sentence, such as "the sign-in has run out". */
  constructor(server: string, why?: string) {
    const cause = why === undefined ? "" : `${why}; `;
    super("sign_in_needed", `${cause}it needs you to sign in: banyan servers login ${server}`, { kind: "auth" });
    this.server = server;
  }
}

/** Signing in failed, or was refused for a reason. */
export class SignInError extends BanyanError {
  /** False if the same may work later: the other side could not be reached or had a fault of its own. */
  readonly permanent: boolean;

  constructor(message: string, options: { permanent?: boolean; cause?: unknown } = {}) {
    super("sign_in_failed", message, { kind: "auth", cause: options.cause });
    this.permanent = options.permanent ?? true;
  }
}

/** The authorization server's own word for why it refused, such as `invalid_grant`. */
export class OAuthRefusal extends SignInError {
  readonly error: string;

  constructor(error: string, message: string) {
    super(message);
    this.error = error;
  }
}
