// Sets how much the streams of everybody hold.
import stream from "node:stream";
stream.setDefaultHighWaterMark(false, 1);

export default {
  name: "stream_size_for_all",
  description: "Sets how much the streams of everybody hold.",
  input: { type: "object" },
  handler: async () => {
    return stream.getDefaultHighWaterMark(false) === 1 ? "replaced" : "same";
  },
};
