// Server-sent events out of bytes, as the WHATWG has them: fields on lines, an empty line ends an event. An event longer than a
// message may be is dropped as it streams by, like a line over stdio.
import { LineSplitter, type OversizeLine } from "../line-splitter.js";

export interface StreamEvent {
  /** `message` when it gives none. */
  readonly name: string;
  readonly data: string;
}

export class EventStream {
  /** Where to go on from after a cut: the id of the last whole event that had one. */
  lastId: string | undefined;
  /** The pause before coming back that the server asks for, in milliseconds. */
  retryMs: number | undefined;

  private readonly lines: LineSplitter;
  private name = "";
  private data: string[] = [];
  private length = 0;
  private id: string | undefined;
  private fresh = true;

  /** `lastId` is that of the stream this one goes on from. */
  constructor(
    private readonly maxBytes: number,
    private readonly onOversize: (event: OversizeLine) => void,
    lastId?: string,
  ) {
    this.lastId = lastId;
    this.id = lastId;
    const field = /^data: ?/;
    const dropped = (line: OversizeLine): void => onOversize({ ...line, head: line.head.replace(field, "") });
    this.lines = new LineSplitter(maxBytes + "data: ".length, dropped, true);
  }

  /** The events that these bytes complete. */
  push(chunk: Buffer): StreamEvent[] {
    const events: StreamEvent[] = [];
    for (const line of this.lines.push(chunk)) {
      // A lone carriage return ends a line, too.
      for (const part of line.split("\r")) this.take(part, events);
    }
    return events;
  }

  private take(given: string, events: StreamEvent[]): void {
    const line = this.fresh && given.startsWith("\uFEFF") ? given.slice(1) : given;
    this.fresh = false;
    if (line === "") return this.dispatch(events);
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.add(value);
    else if (field === "event") this.name = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    else if (field === "retry" && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
  }

  private add(value: string): void {
    this.length += value.length + 1; // with its line break: empty lines are kept, too
    if (this.length - 1 <= this.maxBytes) this.data.push(value);
  }

  private dispatch(events: StreamEvent[]): void {
    const { name, data, length } = this;
    this.name = "";
    this.data = [];
    this.length = 0;
    this.lastId = this.id;
    if (length - 1 > this.maxBytes) this.onOversize({ bytes: length, head: "", tail: "" });
    else if (data.length > 0) events.push({ name: name === "" ? "message" : name, data: data.join("\n") });
  }
}
