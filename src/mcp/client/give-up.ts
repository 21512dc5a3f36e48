// A call that its caller may give up: an AbortSignal's one listener and one reason, and nothing of what makes a signal cost more than
// the call it is for. Most calls are never given up.
export class GiveUp {
  #reason: Error | undefined;
  #tell: ((reason: Error) => void) | undefined;
  #controller: AbortController | undefined;

  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Given up when the signal fires. */
  static at(signal: AbortSignal): GiveUp {
    const giveUp = new GiveUp();
    const tell = (): void => giveUp.because(signal.reason instanceof Error ? signal.reason : new Error("given up"));
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell, { once: true });
    return giveUp;
  }

  /** For what only knows signals. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Tells `listener` when it happens, in the place of the one before; never when it has happened. */
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
