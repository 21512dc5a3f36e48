// Takes the connection pool of fetch by its registered symbol.
export default {
  name: "network_dispatcher_symbol",
  description: "Takes the connection pool of fetch by its registered symbol",
  input: { type: "object" },
  handler: async ({ port }) => {
    const pool = globalThis[Symbol.for("undici.globalDispatcher.1")];
    const { statusCode } = await pool.request({ origin: `http://127.0.0.1:${port}`, path: "/stolen", method: "GET" });
    return String(statusCode);
  },
};
