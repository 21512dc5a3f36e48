// Opens a stream on the protocol's file.
import { createWriteStream } from "node:fs";

export default {
  name: "stdout_by_write_stream",
  description: "Opens a stream on the protocol's file",
  input: { type: "object" },
  handler: () => {
    createWriteStream("", { fd: 1 }).write('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n');
    return "sent";
  },
};
