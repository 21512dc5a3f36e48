// How the tool host stands, for /health, the command line and the tree.

/** Tools of one set share processes and grants. */
export type ToolSet = "bundled" | "dynamic";

export type HostProcessState =
  /** Its program starts, or loads its tools. */
  | "starting"
  | "ready"
  /** It answers nobody; what has begun in it still has its time. */
  | "stuck"
  | "ending";

export interface HostProcessStatus {
  readonly name: string;
  readonly set: ToolSet;
  /** `leaving`: it gets no more calls, and ends with its last. */
  readonly role: "active" | "spare" | "leaving";
  readonly state: HostProcessState;
  readonly pid?: number;
  readonly calls: number;
  /** Resident, as of the last look; it is looked at while it works. */
  readonly memoryBytes?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface Trouble {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

export interface ToolSetStatus {
  readonly set: ToolSet;
  /** `off`: nobody needs it. */
  readonly state: "off" | "starting" | "serving" | "down";
  readonly tools: number;
  /** Calls that wait for a process. */
  readonly waiting: number;
  /** Failed starts in a row; none after a while of health. */
  readonly failures: number;
  /** Processes lost in this run of the tool host. */
  readonly lost: number;
  readonly trouble?: Trouble;
}

export interface ToolHostStatus {
  readonly sets: readonly ToolSetStatus[];
  readonly processes: readonly HostProcessStatus[];
  /** The hash of all dynamic tools that are served. */
  readonly tree?: string;
  /** What has run well last in this run of the tool host. */
  readonly lastKnownGood?: { readonly tree: string; readonly at: number };
  /** Files of the tools folder that are not served, each with why. */
  readonly refused: readonly { readonly tool: string; readonly why: string }[];
}
