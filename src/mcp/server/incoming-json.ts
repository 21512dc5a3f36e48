// JSON of strangers. How deep it is nested is counted before it is parsed: to build what is nested a million deep costs a hundred
// times its bytes, and whoever walks it next would overflow the stack.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Levels of lists and objects. */
export const DEEPEST = 64;

/** What the text says; or why it is not taken, in words for whoever sent it. */
export function parseIncoming(text: string): { readonly ok: unknown } | { readonly error: string } {
  if (isTooDeep(text)) return { error: `the message is nested deeper than ${DEEPEST} levels` };
  try {
    return { ok: JSON.parse(text) };
  } catch {
    return { error: "the message is no JSON" };
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > DEEPEST) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return false;
}

/** Where the string that begins here has its closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
