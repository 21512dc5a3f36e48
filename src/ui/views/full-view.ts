// What fills the terminal: how a view takes keys, and how it is drawn.
import type { Input } from "../keys.js";
import type { Size } from "../layout.js";
import type { Theme } from "../theme.js";

export interface FullView {
  /** A text is being typed: what else would be a key is part of it. */
  readonly typing: boolean;
  key(input: Input): void;
  /** At most as many lines as there are rows, and no wider. */
  lines(size: Size, theme: Theme, now: number): readonly string[];
}

/** What a view needs of the screen it is on. */
export interface ViewHost {
  /** It is to be drawn again. */
  changed(): void;
  /** Back to the conversation. */
  back(): void;
}
