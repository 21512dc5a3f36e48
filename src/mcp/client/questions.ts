// The questions a server asks the user during a call (elicitation). Whoever shows them is a process above this floor, known by
// its address alone; while one is open the server waits for the user, so its calls do not run out of time.
import type { NoReply, Ref } from "../../supervision/index.js";
import type { ElicitationAnswer, ElicitationRequest } from "./mcp-types.js";

/** Who shows a server's form to the user. The call may take as long as the user does. */
export interface Elicitor {
  elicit(
    request: ElicitationRequest & { readonly server: string; readonly id: string },
  ): ElicitationAnswer | NoReply | Promise<ElicitationAnswer | NoReply>;
  /** The server wants no answer any more. */
  elicitationWithdrawn(id: string): void;
}

const TIMEOUT = 600_000;

export class Questions {
  /** How many wait for the user. */
  open = 0;
  private asked = 0;

  constructor(private readonly server: string) {}

  /** `cancel` if nobody answers in ten minutes, or nobody is there to ask. */
  async ask(elicitor: Ref<Elicitor>, request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationAnswer> {
    const id = `${this.server}-${++this.asked}`;
    const withdraw = (): void => elicitor.cast.elicitationWithdrawn(id);
    signal.addEventListener("abort", withdraw, { once: true });
    this.open++;
    try {
      return await elicitor.with({ timeout: TIMEOUT, signal }).call.elicit({ ...request, server: this.server, id });
    } catch {
      if (!signal.aborted) withdraw();
      return { action: "cancel" };
    } finally {
      this.open--;
      signal.removeEventListener("abort", withdraw);
    }
  }
}
