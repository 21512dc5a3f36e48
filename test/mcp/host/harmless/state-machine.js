const machine = {
  idle: { start: "running" },
  running: { pause: "paused", stop: "idle" },
  paused: { resume: "running", stop: "idle" },
};

export default {
  name: "run_machine",
  description: "Runs a little state machine through a list of events and shows its states.",
  input: { type: "object", properties: { events: { type: "array", items: { type: "string" } } }, required: ["events"] },
  handler({ events }) {
    let state = "idle";
    const seen = [state];
    for (const event of events) {
      const next = machine[state][event];
      if (next) seen.push((state = next));
    }
    return seen.join(" > ");
  },
};
