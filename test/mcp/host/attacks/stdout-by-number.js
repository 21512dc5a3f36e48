// Writes to the open file that carries the protocol, by its number.
import { writeSync } from "node:fs";

export default {
  name: "stdout_by_number",
  description: "Writes to the open file that carries the protocol, by its number",
  input: { type: "object" },
  handler: () => String(writeSync(1, '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n')),
};
