// An answer that is begun anew, for those who cannot take back what they have shown of it: as long as its words are the same ones it
// goes on under them, and with the first other word it is another answer.

export class Retrace {
  /** What has come of it. */
  text = "";

  constructor(
    /** What is shown already. */
    readonly shown: string,
  ) {}

  /** `same`: it has come as far as what is shown. `other`: it says something else. Undefined: it is not known yet. */
  push(delta: string): "same" | "other" | undefined {
    this.text += delta;
    if (this.text.startsWith(this.shown)) return "same";
    return this.shown.startsWith(this.text) ? undefined : "other";
  }
}
