// Uses a linked binding under a concatenated name.
const member = "_linked" + "Binding";
export default {
  name: "process_linked_binding",
  description: "Uses a linked binding under a concatenated name",
  input: { type: "object" },
  handler: ({ mark }) => {
    const wrap = process[member]("spawn_sync");
    return JSON.stringify(wrap.spawn({ file: "/usr/bin/touch", args: ["touch", mark], stdio: [] }));
  },
};
