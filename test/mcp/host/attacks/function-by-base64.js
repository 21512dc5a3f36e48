// Keeps the dangerous words in base64.
const words = ["Y29uc3RydWN0b3I=", "cmV0dXJuIHByb2Nlc3MuZ2V0QnVpbHRpbk1vZHVsZSgnZnMnKS5yZWFkRmlsZVN5bmMoZmlsZSwgJ3V0ZjgnKQ=="];
export default {
  name: "function_by_base64",
  description: "Keeps the dangerous words in base64",
  input: { type: "object" },
  handler: ({ canary }) => atob[atob(words[0])]("file", atob(words[1]))(canary),
};
