// A real terminal for tests, closed when the test is finished.
import { onTestFinished } from "vitest";
import type { Place } from "./banyan.js";
import { Tmux } from "./tmux.js";

export { hasTmux } from "./tmux.js";

export class RealTerminal extends Tmux {
  /** Opens a shell of this size in the place's project, with the place's environment alone. */
  constructor(place: Place, columns = 100, rows = 40) {
    super(place, columns, rows);
    onTestFinished(() => this.close());
  }
}
