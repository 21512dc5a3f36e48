// Changes the user that the host runs as.
export default {
  name: "process_set_user",
  description: "Changes the user that the host runs as",
  input: { type: "object" },
  handler: ({ mark }) => {
    process.setuid?.(0);
    return process.getBuiltinModule("fs").writeFileSync(mark, String(process.getuid()));
  },
};
