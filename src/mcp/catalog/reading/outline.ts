// The lines of a text that tell how it is made up: its headings, and its numbered lines. What stands in code is none of them.

export interface Outline {
  /** Of levels 1 to 4, without their marks. */
  readonly headings: readonly string[];
  /** Those of level 2. */
  readonly sections: readonly string[];
  /** Headings that begin with a number, or with "Step", "Phase" or "Stage" and one. */
  readonly numbered: readonly string[];
  /** Lines that begin with a number. */
  readonly lines: readonly string[];
}

const MOST = 200;

export function outlineOf(text: string): Outline {
  const outline = {
    headings: [] as string[],
    sections: [] as string[],
    numbered: [] as string[],
    lines: [] as string[],
  };
  let fence = "";
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const first = text.charCodeAt(at);
    if (first === 0x60 || first === 0x7e) {
      const mark = text.slice(at, at + 3);
      if (fence === "" && (mark === "```" || mark === "~~~")) fence = mark;
      else if (mark === fence) fence = "";
    } else if (fence === "" && (first === 0x23 || (first >= 0x30 && first <= 0x39)))
      note(outline, text.slice(at, Math.min(end, at + 300)));
    at = end + 1;
  }
  return outline;
}

function note(outline: Record<keyof Outline, string[]>, line: string): void {
  const [, marks, heading] = /^(#{1,4})\s+(.+)$/.exec(line) ?? [];
  if (heading !== undefined && marks !== undefined) {
    const title = plain(heading);
    push(outline.headings, title);
    if (marks.length === 2) push(outline.sections, title);
    if (marks.length > 1 && /^(?:(?:step|phase|stage)\s+)?\d+[.:)]?\s/i.test(title)) push(outline.numbered, title);
    return;
  }
  const numbered = /^\d+[.)]\s+(.+)$/.exec(line)?.[1];
  if (numbered !== undefined) push(outline.lines, plain(numbered));
}

function push(list: string[], line: string): void {
  if (list.length < MOST) list.push(line);
}

function plain(line: string): string {
  return line.replace(/[*`_]/g, "").replace(/\s+/g, " ").trim().slice(0, 120);
}
