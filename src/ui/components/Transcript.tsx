// Everything that is final, printed once above the live part. In a memo component of its own, because Ink draws a frame
// twice whenever this one renders.
import { Static } from "ink";
import { memo } from "react";
import { type Entry, entryLines } from "../entries.js";
import type { Theme } from "../theme.js";
import { Lines } from "./Lines.js";

interface TranscriptProps {
  readonly entries: readonly Entry[];
  readonly columns: number;
  readonly theme: Theme;
}

export const Transcript = memo(function Transcript({ entries, columns, theme }: TranscriptProps) {
  // Ink's type asks for a mutable array; it only slices it.
  return (
    <Static items={entries as Entry[]}>
      {(entry) => <Lines key={entry.key} kind="printed" lines={entryLines(entry, columns, theme)} />}
    </Static>
  );
});
