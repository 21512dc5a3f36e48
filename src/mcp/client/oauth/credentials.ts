// What is known of a sign-in, in one file for each server that its owner alone can read: the client that was registered, the tokens,
// and what the server asked for last. It is bound to the server's address: for another address under the same name it is empty. A
// file is replaced whole, and whoever changes it holds its lock, so that two programs never use one refresh token twice.
import { chmodSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { withLock } from "../../../actors/config/lock.js";
import { replaceFile } from "../../../actors/config/replace-file.js";
import { keepSecret } from "../../../actors/telemetry/redact.js";

const schema = z.strictObject({
  /** The server's address. */
  server: z.string(),
  /** The authorization server that the client and the tokens belong to. */
  issuer: z.string().optional(),
  client: z
    .strictObject({
      id: z.string(),
      secret: z.string().optional(),
      authMethod: z.string().optional(),
      /** It was registered for this port of the address the browser comes back to. */
      redirectPort: z.number().optional(),
      /** Epoch seconds at which its secret ends. */
      expiresAt: z.number().optional(),
    })
    .optional(),
  tokens: z
    .strictObject({
      access: z.string(),
      refresh: z.string().optional(),
      /** Epoch milliseconds. */
      expiresAt: z.number().optional(),
      /** What was granted, by words. */
      scope: z.string().optional(),
    })
    .optional(),
  /** What the server said when it last refused a token. */
  challenge: z.strictObject({ scope: z.string().optional(), resourceMetadata: z.string().optional() }).optional(),
});

export type Credentials = z.output<typeof schema>;
export type Client = NonNullable<Credentials["client"]>;
export type Tokens = NonNullable<Credentials["tokens"]>;
export type Challenge = NonNullable<Credentials["challenge"]>;

export class CredentialFile {
  private readonly file: string;

  constructor(
    private readonly folder: string,
    name: string,
    private readonly server: URL,
  ) {
    this.file = join(folder, `${name}.json`);
  }

  /** Empty if there is none, if it is another server's, or if it cannot be understood: then the user signs in again. */
  read(): Credentials {
    const empty = { server: this.server.href };
    let text: string;
    try {
      text = readFileSync(this.file, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return empty;
      throw error;
    }
    const found = schema.safeParse(parsed(text));
    if (!found.success || found.data.server !== this.server.href) return empty;
    const { client, tokens } = found.data;
    for (const secret of [client?.secret, tokens?.access, tokens?.refresh])
      if (secret !== undefined) keepSecret(secret);
    return found.data;
  }

  /** Replaces what there is by what `work` makes of it, while no other program does so. */
  async update(work: (before: Credentials) => Credentials | Promise<Credentials>): Promise<Credentials> {
    return this.locked(async () => {
      const after = await work(this.read());
      replaceFile(this.file, `${JSON.stringify(after, undefined, 2)}\n`);
      return this.read();
    });
  }

  /** True if there was something to forget. */
  async remove(): Promise<boolean> {
    return this.locked(() => {
      const { tokens, client } = this.read();
      rmSync(this.file, { force: true });
      return tokens !== undefined || client !== undefined;
    });
  }

  private async locked<T>(work: () => T | Promise<T>): Promise<T> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    chmodSync(this.folder, 0o700); // it may have been made by hand
    return withLock(this.file, work);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
