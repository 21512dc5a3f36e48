// The way to a server, opened once and closed once. How a server is reached (a program's stdin and stdout, an address, this very
// process) makes a difference here and nowhere above: the same machine connects, checks, backs off and parks them all.
import type { Ref } from "../../supervision/index.js";
import type { Connection, ConnectionOptions } from "./connection.js";
import { EmbeddedLink, type OpenEmbedded } from "./embedded-link.js";
import type { Authorizer } from "./http/authorizer.js";
import type { Minder } from "./minder.js";
import type { PortOwner } from "./port.js";
import { RemoteLink } from "./remote-link.js";
import type { ServerConfig } from "./server-config.js";
import type { ProgramExit } from "./server-status.js";
import { StdioLink } from "./stdio-link.js";

/** What a process that owns links is given to open them with. */
export interface LinkSurroundings {
  /** The supervisor that Ports run under. */
  readonly ports: Ref<unknown>;
  readonly minder: Ref<Minder>;
  /** The servers inside this process, by their names. */
  readonly embedded?: Readonly<Record<string, OpenEmbedded>>;
  /** Makes the script `to` of the source `from`, unless it is there; rejects with what is wrong with the source. */
  readonly build?: (built: { readonly from: string; readonly to: string }) => Promise<void>;
  /** Signs the requests to a server at an address in; undefined where its headers are enough. */
  readonly authorizerOf?: (config: ServerConfig) => Promise<Authorizer | undefined>;
}

/** How a connection ended that nobody closed. */
export interface Loss {
  readonly reason: string;
  /** The server's program ended in order. */
  readonly clean: boolean;
  /** Trying again unchanged cannot help. */
  readonly permanent?: boolean | undefined;
  readonly exit?: ProgramExit;
}

export interface LinkOptions extends LinkSurroundings {
  readonly config: ServerConfig;
  readonly owner: Ref<PortOwner>;
  /** Binds a ref to the owner. */
  use<T>(ref: Ref<T>): Ref<T>;
  /** The server has ended by itself, or is not there any more. */
  onLost(loss: Loss): void;
  /** Something makes it doubtful whether the server is well. */
  onDoubt(): void;
  /** The server lives on but knows nothing of what was asked of it before. */
  onRenewed(): void;
  onFault(text: string): void;
}

/** What its owner decides of a connection; the link adds what the server's settings say. */
export type Conversation = Omit<ConnectionOptions, "server" | "connectTimeoutMs" | "timeoutMs">;

export interface Link {
  /** Once {@link connect} has resolved. */
  readonly connection: Connection | undefined;
  /** The id of the server's OS process while it runs and is ours. */
  readonly pid: number | undefined;
  /** When the server was last heard, by the monotonic clock. */
  readonly heardAt: number;
  /** Resolves when there is something to talk to. */
  opened(): Promise<void>;
  /** The handshake. The SDK is loaded with the first server, for it takes longer to load than all the rest. */
  connect(conversation: Conversation): Promise<Connection>;
  /** Fails every request with `reason` now, and resolves when nothing of the link is left. */
  close(reason: string): Promise<void>;
}

/** Opens the way to the server once `after` is over. */
export function openLink(options: LinkOptions, after: Promise<void>): Link {
  const { url, embedded } = options.config;
  if (url !== undefined) return new RemoteLink(options, url, after);
  return embedded ? new EmbeddedLink(options, after) : new StdioLink(options, after);
}
