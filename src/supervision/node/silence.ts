// A loop that never ends cannot say so. An isolated process that has a progress deadline gives a sign of life several times
// within it, see `inside.ts`; its stand-in looks as often, and when look after look found no sign, nothing over there gets on. Looks
// are counted and not milliseconds: between two of them this side has read all that came, however long it was held up itself.

/** Signs, and looks, within one progress deadline. */
export const SIGNS = 4;

export class Silence {
  private looks = 0;
  private readonly timer: NodeJS.Timeout;

  /** Calls `broken` when there was no {@link sign} for `ms` milliseconds and up to a quarter more. */
  constructor(ms: number, broken: () => void) {
    this.timer = setInterval(() => {
      if (++this.looks > SIGNS) broken();
    }, ms / SIGNS).unref();
  }

  sign(): void {
    this.looks = 0;
  }

  end(): void {
    clearInterval(this.timer);
  }
}
