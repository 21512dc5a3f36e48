// With --coverage: the processes that tests start write down which of their lines ran.
process.env.NODE_V8_COVERAGE = new URL("../../coverage/processes", import.meta.url).pathname;
