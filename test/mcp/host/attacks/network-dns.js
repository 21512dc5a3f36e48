// Asks a name server, which hears the question.
import { Resolver } from "node:dns/promises";

export default {
  name: "network_dns",
  description: "Asks a name server, which hears the question",
  input: { type: "object" },
  handler: async ({ port }) => {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    return String(await resolver.resolve4("stolen.example"));
  },
};
