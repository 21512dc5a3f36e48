// A body as lines of text, for APIs that write one JSON object a line.

/** The longest line that is read, in UTF-16 units. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** The lines as they come; the last one also where no line break follows it. Throws for a line nobody means. */
export async function* readLines(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let parts: string[] = []; // of the line that is coming; put together once, however many there are
  let length = 0;
  for await (const bytes of body) {
    const [first = "", ...rest] = decoder.decode(bytes, { stream: true }).split("\n");
    parts.push(first);
    length += first.length;
    const last = rest.pop();
    if (last !== undefined) {
      yield parts.join("");
      yield* rest;
      parts = [last];
      length = last.length;
    }
    if (length > LONGEST_LINE) throw new Error(`a line of more than ${LONGEST_LINE} characters`);
  }
  if (length > 0) yield parts.join("");
}
