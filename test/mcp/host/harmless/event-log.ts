import { EventEmitter } from "node:events";
import { inspect } from "node:util";

type Entry = { at: number; what: string };

class Recorder extends EventEmitter {
  readonly entries: Entry[] = [];
  constructor(private readonly limit = 100) {
    super();
    this.on("entry", (entry: Entry) => {
      this.entries.push(entry);
      if (this.entries.length > this.limit) this.entries.shift();
    });
  }
}

export default {
  name: "replay_events",
  description: "Replays a list of events and shows what a recorder with a limit would keep.",
  input: { type: "object", properties: { events: { type: "array", items: { type: "string" } }, limit: { type: "integer" } }, required: ["events"] },
  handler({ events, limit }: { events: string[]; limit?: number }) {
    const recorder = new Recorder(limit);
    events.forEach((what, at) => recorder.emit("entry", { at, what }));
    return inspect(recorder.entries, { depth: 3 });
  },
};
