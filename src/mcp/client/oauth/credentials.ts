// What is known of a sign-in, in one file for each server that its owner alone can read: the client that was registered, the tokens,
// and what the server asked for last. It is bound to the server's address: for another address under the same name it is empty. A
// file is replaced whole, and whoever changes it holds its lock, so that two programs never use one refresh token twice.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { withLock } from "../../../actors/config/lock.js";
import { replaceFile } from "../../../actors/config/replace-file.js";
import { dropSecret, keepSecret } from "../../../actors/telemetry/redact.js";

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
  /** What the server asked for when a token did not suffice, for the next sign-in. */
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
    this.file = fileOf(folder, name);
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
    for (const secret of secretsOf(found.data)) keepSecret(secret);
    return found.data;
  }

  /** Replaces what there is by what `work` makes of it, while no other program does so. */
  async update(work: (before: Credentials) => Credentials | Promise<Credentials>): Promise<Credentials> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    chmodSync(this.folder, 0o700); // it may have been made by hand
    return withLock(this.file, async () => {
      const before = this.read();
      const after = await work(before);
      if (after === before) return before;
      replaceFile(this.file, `${JSON.stringify(after, undefined, 2)}\n`);
      for (const secret of secretsOf(before)) dropSecret(secret);
      return this.read();
    });
  }

  /** Deletes what is known of the sign-in to any server of this name. True if there was something. */
  static async forget(folder: string, name: string): Promise<boolean> {
    const file = fileOf(folder, name);
    if (!existsSync(file)) return false;
    await withLock(file, () => rmSync(file, { force: true }));
    return true;
  }
}

function secretsOf({ client, tokens }: Credentials): string[] {
  return [client?.secret, tokens?.access, tokens?.refresh].filter((secret) => secret !== undefined);
}

/** The names of servers have no character that means something in a path (server-config.ts). */
function fileOf(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
