// The part of an answer that may still change: its last lines, never more than the room it is given. What has scrolled
// out of it is not lost; the block is printed whole as soon as it is finished.
import type { Tail } from "../answer-feed.js";
import { answerMark, GUTTER } from "../entries.js";
import { asIfClosed } from "../half-open.js";
import { renderMarkdown } from "../markdown.js";
import { hang, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";

/** The live tail is never taller. */
export const TALLEST_TAIL = 20;
/** Of a very long block only its end is drawn while it grows: drawing it whole at every frame would cost its square. */
const DRAWN_END = 6_000;

export function liveAnswerLines(tail: Tail, columns: number, height: number, theme: Theme): string[] {
  const most = Math.min(height, TALLEST_TAIL);
  if (most <= 0) return [];
  if (tail.code) {
    const lines = wrapExact(tail.text, columns - 2 * GUTTER.length).map((line) => GUTTER + line);
    return hang(lines, answerMark(tail.mark, theme), GUTTER).slice(-most);
  }
  const text = endOf(tail.text);
  const room = columns - GUTTER.length;
  const lines = renderMarkdown(asIfClosed(text), room, theme).flatMap((line) => wrapExact(line, room));
  const whole = text === tail.text;
  const marked = ["", ...hang(lines, whole ? answerMark(tail.mark, theme) : GUTTER, GUTTER)];
  return marked.slice(-most);
}

function endOf(text: string): string {
  if (text.length <= DRAWN_END) return text;
  const end = text.slice(-DRAWN_END);
  return end.slice(end.indexOf("\n") + 1);
}
