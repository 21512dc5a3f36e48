// Mentions in what a user typed: `@notes.md`, `@file:notes.md`, `@"my file.txt"`, `@demo.test://one`, `@url:https://…` and so on. A
// mention begins a word; what stands in code, in backticks or a fence, is code. Whether a plain `@word` is one at all only its
// reader can say, for there are decorators, packages and people.

export const mentionKinds = ["file", "url", "resource", "prompt", "tool"] as const;

export interface Mention {
  /** As it was typed, without the `@` and quotes. */
  readonly name: string;
  /** What it surely is; absent: a file, or a resource as `server.uri`, or nothing. */
  readonly kind?: (typeof mentionKinds)[number];
  /** What follows the kind. */
  readonly target: string;
  /** It is no word of a sentence: if there is nothing of that name, the user is told. */
  readonly plain: boolean;
}

const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
const MENTION = /(?<![^\s([{<'"])@(?:(file|url|resource|prompt|tool):)?(?:"([^"\n]{1,4096})"|([^\s"]{1,4096}))/g;
/** What ends a sentence or a bracket is no part of a name. */
const AFTER = /[.,;:!?)\]}>'"…]+$/;

/** In order, each once. */
export function mentionsIn(text: string): readonly Mention[] {
  const prose = text.replace(CODE, (code) => " ".repeat(code.length));
  const found = new Map<string, Mention>();
  for (const [, kind, quoted, bare = ""] of prose.matchAll(MENTION)) {
    const target = quoted ?? bare.replace(AFTER, "");
    if (target === "") continue;
    const mention = mentionOf(kind, target, quoted !== undefined);
    if (!found.has(mention.name)) found.set(mention.name, mention);
  }
  return [...found.values()];
}

function mentionOf(kind: string | undefined, target: string, quoted: boolean): Mention {
  const known = mentionKinds.find((one) => one === kind);
  if (known !== undefined) return { name: `${known}:${target}`, kind: known, target, plain: true };
  if (/^https?:\/\//i.test(target)) return { name: target, kind: "url", target, plain: true };
  const plain = quoted || /^(?:\.{0,2}|~)\//.test(target) || target.includes("://");
  return { name: target, target, plain };
}
