// Fetches text from the web. The work is in support/web.ts, which is loaded at the first call: a server that starts has no need
// of HTTP, TLS and decompression yet.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";

export const fetchUrl = defineTool({
  name: "fetch_url",
  description:
    "Get a web page or a text resource (HTML, plain text, JSON, XML and the like) by its http or https address, with one GET " +
    "request. HTML comes back as readable text with its links. The first line tells the status and content type. It runs no " +
    "scripts, sends no login and reaches no private network.",
  input: z.strictObject({
    url: z.string().min(1).max(4096).describe("The full address, such as https://example.com/page"),
    timeout_seconds: z.number().min(0.1).max(30).default(20).describe("Give up after this many seconds"),
  }),
  annotations: {
    title: "Fetch a web page",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: true,
  },
  needs: ["network"],
  async handler({ url, timeout_seconds: seconds }, { signal }) {
    const { fetchText } = await import("./support/web.js");
    const allowLoopback = process.env.BANYAN_FETCH_ALLOW_LOOPBACK === "1";
    const stop = new AbortController();
    const cancel = () => stop.abort(signal.reason);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const late = new ToolError(`${url} did not answer in full within ${seconds} s; try again or allow more time.`);
    const timer = setTimeout(() => stop.abort(late), seconds * 1_000);
    try {
      return await fetchText(url, allowLoopback, stop.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  },
});
