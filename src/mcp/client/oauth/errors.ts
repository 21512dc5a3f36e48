// What can go wrong while signing in to a remote server. No message carries a token, a code or a secret: all that a server or an
// authorization server says is cut, made plain and shown without the request it answers.
import { BanyanError } from "../../../supervision/errors.js";

/** Only the user can help: the server takes no token there is. */
export class SignInNeededError extends BanyanError {
  readonly permanent = true;
  /** The message without the server's name. */
  readonly reason: string;

  /** `why` in brackets, such as "the sign-in has ended". */
  constructor(server: string, why?: string) {
    const cause = why === undefined ? "" : ` (${why})`;
    const reason = `needs you to sign in${cause}: banyan servers login ${server}`;
    super("sign_in_needed", `the server "${server}" ${reason}`, { kind: "auth" });
    this.reason = reason;
  }
}

/** A request needs a scope that was not granted; the others go on. */
export class ScopeNeededError extends BanyanError {
  constructor(server: string, scope: string) {
    const what = `the server "${server}" asks for the scope "${scope}" for this, which it was not granted`;
    super("scope_needed", `${what}; grant it: banyan servers login ${server}`, { kind: "auth" });
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
