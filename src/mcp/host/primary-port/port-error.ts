// The one kind of error the primary's port answers with: a sentence that the asking tool shows as it stands. It names the mend,
// and never a path outside the project.
import { BanyanError } from "../../../supervision/errors.js";

export class PortError extends BanyanError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super("port_refused", message, options);
  }
}
