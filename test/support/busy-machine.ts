// Settings of every app that a test starts: a machine that is busy with other things is slow, which is no news in a transcript, and
// makes no server late for the first answer.
export const BUSY_MACHINE = {
  BANYAN_HEALTH__LOOP_DELAY_WARN: "1h",
  BANYAN_HEALTH__GC_PAUSE_WARN: "1h",
  BANYAN_HEALTH__POLL_TIMEOUT: "1m",
  BANYAN_LIMITS__SERVER_START: "10m",
};
