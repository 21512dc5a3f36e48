// A server as it is typed by a person: a program with its arguments, or an address, and what goes with it. Secrets are refused: what is
// typed stays in histories and files, so they belong into the environment.
import { BanyanError } from "../../supervision/errors.js";
import { holdsLiteralSecret, isLiteralSecret } from "./literal-secrets.js";
import type { WrittenServer } from "./server-blocks.js";

export interface NewServerOptions {
  /** `NAME=REFERENCE`, for a program. */
  readonly env?: readonly string[];
  /** Likewise, for a server at an address. */
  readonly header?: readonly string[];
  readonly transport?: "http" | "sse";
}

/** Throws with code `usage`. */
export function newServer(name: string, words: readonly string[], options: NewServerOptions): WrittenServer {
  const isAddress = /^https?:\/\//i.test(words[0] ?? "");
  return { name, ...(isAddress ? elsewhere(words, options) : program(words, options)) };
}

function program([command = "", ...args]: readonly string[], { env = [], header = [], transport }: NewServerOptions) {
  if (command === "") throw usage("Say what to start, as in: NAME -- npx -y some-server .");
  if (header.length > 0 || transport !== undefined) {
    throw usage("--header and --transport are for a server at an address; a program is given --env.");
  }
  if (holdsLiteralSecret(args)) {
    throw usage(`An argument looks like a secret; put it into the environment and write '\${env:NAME}' in its place.`);
  }
  return { command, args, env: pairsOf("--env", /^([A-Za-z_]\w*)=(.*)$/s, `'TOKEN=\${env:TOKEN}'`, env) };
}

function elsewhere([url = "", ...more]: readonly string[], { env = [], header = [], transport }: NewServerOptions) {
  if (more.length > 0 || env.length > 0) {
    throw usage("A server at an address takes no arguments and no --env; give it --header NAME=REFERENCE.");
  }
  const example = `'Authorization=Bearer \${env:TOKEN}'`;
  const headers = pairsOf("--header", /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)=(.*)$/s, example, header);
  return { url, ...(transport === undefined ? {} : { transport }), headers };
}

function pairsOf(flag: string, shape: RegExp, example: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = shape.exec(pair) ?? [];
      if (name === undefined || value === undefined) throw usage(`${flag} takes NAME=REFERENCE, as in ${example}.`);
      if (!isLiteralSecret(name, value)) return [name, value];
      const variable = name.toUpperCase().replace(/\W/g, "_");
      throw usage(
        `${name} looks like a secret, which does not belong into a file; export it, and give \${env:${variable}} as its value here.`,
      );
    }),
  );
}

function usage(text: string): BanyanError {
  return new BanyanError("usage", text);
}
