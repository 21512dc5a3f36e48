// The chat, as what works for it sees it: what it is told, and what it asks the user.
import type { StoredMessage } from "../actors/session/message.js";
import type { NamespacedTool } from "../mcp/client/mcp-types.js";
import type { ToolChange } from "../mcp/client/tool-pins.js";
import type { ProgressWatcher } from "../mcp/client/tool-work.js";
import type { NoReply } from "../supervision/index.js";
import type { NoticeLevel, TurnState } from "./events.js";

export interface ApprovalRequest {
  readonly callId: string;
  readonly tool: string;
  /** Whose tools a pattern would allow; none where it is no server's tool. */
  readonly server?: string;
  readonly description: string;
  readonly arguments: { readonly [key: string]: unknown };
  readonly readOnly: boolean;
  readonly fingerprint: string;
  /** How it differs from the tool the user has seen or accepted. */
  readonly change?: ToolChange;
  /** It was under way once, and whether it took effect is not known: what happened. */
  readonly again?: string;
}

/** A turn has reached a limit; may it go on? */
export interface GoOnRequest {
  readonly id: string;
  /** What was reached, in one sentence. */
  readonly reached: string;
  /** What a yes allows. */
  readonly more: string;
}

export interface FormRequest {
  readonly id: string;
  /** What the arguments are for: a tool, or a command that takes some. */
  readonly tool: Pick<NamespacedTool, "name" | "inputSchema">;
  readonly known: { readonly [key: string]: unknown };
  readonly missing: readonly string[];
}

export type Approval = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** The chat, as a turn sees it. */
export interface TurnOwner extends ProgressWatcher {
  turnState(state: TurnState): void;
  /** The message is in the session. */
  turnMessage(message: StoredMessage): void;
  turnDelta(id: string, text: string): void;
  note(level: NoticeLevel, text: string): void;
  /** What is asked is taken back when the call is given up, and so its caller hands in its signal, as with the two below. */
  approve(request: ApprovalRequest): NoReply | Approval;
  /** The arguments as the user filled them in, or undefined when dismissed. */
  fillForm(request: FormRequest): NoReply | { readonly [key: string]: unknown } | undefined;
  /** False where nobody can be asked. */
  mayGoOn(request: GoOnRequest): NoReply | boolean;
}
