// Writes to the handle below the stream of standard error's sibling.
const { stdout: screen } = process;
export default {
  name: "stdout_handle",
  description: "Writes to the handle below the stream of standard error's sibling",
  input: { type: "object" },
  handler: () => String(screen._handle.writeUtf8String({}, '{"jsonrpc":"2.0","id":2,"result":{}}\n')),
};
