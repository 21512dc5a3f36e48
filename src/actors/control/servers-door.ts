// What Control needs of the servers, which live on a floor above: it is handed one of these.

export type ServerAction = "connect" | "disconnect" | "restart";

export interface ServersDoor {
  status(): Promise<unknown>;
  /** Every tool there is; waits for servers that are on their way. */
  tools(): Promise<unknown>;
  /** Answers with how the server stands afterwards. */
  act(action: ServerAction, server: string): Promise<unknown>;
  /** Runs a tool; an abort reaches the server. */
  call(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    onProgress: (progress: unknown) => void,
    signal: AbortSignal,
  ): Promise<unknown>;
}
