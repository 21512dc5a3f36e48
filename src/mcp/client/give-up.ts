// A call that its caller may give up: an AbortSignal's one listener and one reason, and nothing of what makes a signal cost more than
// the call it is for. Most calls are never given up.
export class GiveUp {
  #reason: Error | undefined;
  #tell: ((reason: Error) => void) | undefined;
  #controller: AbortController | undefined;

  get reason(): Error | undefined {
    return this.#reason;
  }

  /** For what only knows signals. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Tells `listener` when it happens; there is one at a time. */
  onGivenUp(listener: ((reason: Error) => void) | undefined): void {
    this.#tell = listener;
  }

  /** Now. */
  because(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#tell?.(reason);
  }
}
