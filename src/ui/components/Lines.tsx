// Lines that are already painted and no wider than they may be. They reach Ink as a transform over an empty text of as
// many lines: Ink keeps every text it ever measured or wrapped in caches that are never emptied, which in a chat that
// streams for hours is a leak.
import { Transform } from "ink";
import { memo, useContext } from "react";
import { CURSOR } from "../cursor-mark.js";
import { type LineKind, StreamContext } from "../ink-stream.js";

interface LinesProps {
  readonly lines: readonly string[];
  readonly kind: LineKind;
}

export const Lines = memo(function Lines({ lines, kind }: LinesProps) {
  const stream = useContext(StreamContext);
  if (lines.length === 0) return null;
  const blank = lines.map(() => " ").join("\n");
  const draw = (_: string, index: number): string =>
    stream?.refer(lines[index] ?? "", kind) ?? (lines[index] ?? "").replace(CURSOR, "");
  return <Transform transform={draw}>{blank}</Transform>;
});
