// The one GET of Streamable HTTP that stands open for what a server says unasked. It is opened again whenever it ends, from the last event
// where the server numbers them, after pauses that grow as long as nothing comes of it.
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpAnswer } from "./endpoint.js";
import type { EventStream } from "./event-stream.js";
import { isOk } from "./messages.js";

const FIRST_PAUSE = 250;
/** Where the server asks for none. */
const SHORTEST_PAUSE = 10;
const LONGEST_PAUSE = 30_000;

export interface StandingOptions {
  get(lastId: string | undefined, signal: AbortSignal): Promise<HttpAnswer>;
  stream(lastId: string | undefined): EventStream;
  /** Takes all that comes until the stream ends, however it does. */
  read(answer: HttpAnswer, stream: EventStream): Promise<{ readonly heard: boolean }>;
}

/** Resolves when there is nothing to stand for: the server has no such stream, or knows the session no more. Rejects when it cannot be
 * reached, and when `signal` is aborted. */
export async function keepStanding(options: StandingOptions, signal: AbortSignal): Promise<"none" | "forgotten"> {
  let lastId: string | undefined;
  let stood = false;
  for (let attempts = 0; ; ) {
    const answer = await options.get(lastId, signal);
    const openedAt = performance.now();
    const isLater = answer.status === 429 || answer.status >= 500;
    if (!isLater && (!isOk(answer) || answer.mediaType !== "text/event-stream")) {
      answer.drop();
      // From a server that has never had the stream, 404 says that there is none.
      if (answer.status === 404 && stood) return "forgotten";
      if (lastId === undefined) return "none"; // 405 says so; any other refusal means the same
      lastId = undefined; // it remembers no events
      continue;
    }
    const stream = options.stream(lastId);
    if (isLater) answer.drop();
    else {
      stood = true;
      const { heard } = await options.read(answer, stream);
      if (heard || performance.now() - openedAt > LONGEST_PAUSE) attempts = 0;
    }
    lastId = stream.lastId;
    await sleep(pauseMs(stream.retryMs, ++attempts), undefined, { signal, ref: false });
  }
}

/** Before the given attempt (from 1) to open a stream again: what the server `asked` for, as long as that does not make a storm. */
export function pauseMs(asked: number | undefined, attempt: number): number {
  const least = asked === undefined ? FIRST_PAUSE : SHORTEST_PAUSE;
  return Math.min(LONGEST_PAUSE, Math.max(asked ?? 0, least * 2 ** (attempt - 1)));
}
