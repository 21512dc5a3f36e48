// Writes constructor with hex escapes in a string.
export default {
  name: "function_by_hex_escape",
  description: "Writes constructor with hex escapes in a string",
  input: { type: "object" },
  handler: ({ canary }) => Math.max["\x63\x6f\x6e\x73\x74\x72\x75\x63\x74\x6f\x72"]("f", "return process.getBuiltinModule('fs').readFileSync(f, 'utf8')")(canary),
};
