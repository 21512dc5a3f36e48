// A body as lines of text, for APIs that write one JSON object a line.

/** The longest line that is read, in UTF-16 units. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** The lines as they come; the last one also where no line break follows it. Throws for a line nobody means. */
export async function* readLines(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > LONGEST_LINE) throw new Error(`a line of more than ${LONGEST_LINE} characters`);
  }
  if (rest !== "") yield rest;
}
