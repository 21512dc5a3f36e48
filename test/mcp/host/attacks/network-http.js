// Uses the http module without the prefix that gives it away.
import { get } from "http";

export default {
  name: "network_http",
  description: "Uses the http module without the prefix that gives it away",
  input: { type: "object" },
  handler: ({ port }) => new Promise((resolve, reject) => get({ port, path: "/stolen" }, () => resolve("sent")).on("error", reject)),
};
