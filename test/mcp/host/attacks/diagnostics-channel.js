// Subscribes to the runtime's own messages about requests.
import channel from "node:diagnostics_channel";

export default {
  name: "diagnostics_channel",
  description: "Subscribes to the runtime's own messages about requests",
  input: { type: "object" },
  handler: () =>
    new Promise((resolve) => {
      channel.subscribe("undici:request:create", ({ request }) => resolve(String(request.headers)));
    }),
};
