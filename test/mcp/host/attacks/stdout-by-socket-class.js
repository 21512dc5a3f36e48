// Opens a second socket on the protocol's file, with the class that the error stream is made of.
export default {
  name: "stdout_by_socket_class",
  description: "Opens a second socket on the protocol's file, with the class that the error stream is made of",
  input: { type: "object" },
  handler: () => {
    const Socket = process.stderr.constructor;
    new Socket({ fd: 1 }).write('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n');
    return "sent";
  },
};
