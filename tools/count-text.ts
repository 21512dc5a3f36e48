// Counts what people and models count in a text. Words, sentences and graphemes are told apart by Unicode's rules, for any
// language; that is slow on long texts, so it is done a passage at a time.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { breather } from "./support/breathe.js";
import { textOrFile } from "./support/read-text.js";

const MAX_CHARACTERS = 1_000_000;
const MAX_BYTES = 2_000_000;
const PASSAGE = 2_000;

export const countText = defineTool({
  name: "count_text",
  description:
    "Count the characters (as people see them), words, sentences, lines, paragraphs and bytes of a text or of a text file, in any " +
    "language, and estimate its tokens for a language model. Use it instead of counting yourself. Up to 1,000,000 characters. " +
    "Counting how often something occurs is regex's work.",
  input: z.strictObject({
    text: z.string().max(MAX_CHARACTERS).optional().describe("The text; or give path"),
    path: z.string().min(1).max(4096).optional().describe("A text file of the working folder, instead of text"),
    language: z
      .string()
      .min(2)
      .max(35)
      .default("en")
      .describe("Language of the text as a tag such as en, de, ja or th; it decides where words end"),
  }),
  annotations: {
    title: "Count text",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ text: given, path, language }, context) {
    const text = await textOrFile({ text: given, path }, MAX_BYTES, context);
    if (text.length > MAX_CHARACTERS) throw new ToolError("The text is over 1,000,000 characters; count it in parts.");
    const by = segmenters(language);
    const breathe = breather(context.signal);
    const counts = { graphemes: 0, codePoints: 0, words: 0, sentences: 0, tokens: 0 };
    for (const { passage, sentences } of passages(text, by.sentence)) {
      await breathe();
      counts.sentences += sentences;
      for (const _ of by.grapheme.segment(passage)) counts.graphemes++;
      for (const _ of passage) counts.codePoints++;
      for (const { segment, isWordLike } of by.word.segment(passage)) {
        if (isWordLike) counts.words++;
        counts.tokens += tokensOf(segment);
      }
    }
    const lines = text === "" ? 0 : text.split(/\r\n|\r|\n/).length - (/[\r\n]$/.test(text) ? 1 : 0);
    const paragraphs = text.split(/\n[^\S\n]*\r?\n/).filter((part) => part.trim() !== "").length;
    return [
      `characters: ${counts.graphemes}`,
      `code points: ${counts.codePoints}`,
      `words: ${counts.words}`,
      `sentences: ${counts.sentences}`,
      `lines: ${lines}`,
      `paragraphs: ${paragraphs}`,
      `bytes (UTF-8): ${Buffer.byteLength(text)}`,
      `tokens (estimate): ${Math.ceil(counts.tokens)}`,
    ].join("\n");
  },
});

function segmenters(language: string) {
  try {
    const of = (granularity: "grapheme" | "word" | "sentence") => new Intl.Segmenter(language, { granularity });
    return { grapheme: of("grapheme"), word: of("word"), sentence: of("sentence") };
  } catch {
    throw new ToolError(`"${language}" is no language tag; give one such as en, de, ja or pt-BR.`);
  }
}

/** Cuts between sentences, where words and characters end too; a sentence without end is cut at a space. */
function* passages(text: string, by: Intl.Segmenter): Generator<{ passage: string; sentences: number }> {
  for (let at = 0; at < text.length; ) {
    const slice = text.slice(at, at + PASSAGE);
    const found = [...by.segment(slice)];
    let end = slice.length;
    if (at + end < text.length) {
      const last = found.pop(); // more of it may follow
      const space = slice.lastIndexOf(" ") + 1;
      end = last?.index || space || end;
      if (end === PASSAGE && /[\ud800-\udbff]$/.test(slice)) end--;
    }
    const sentences = found.filter(({ segment }) => /[\p{L}\p{N}]/u.test(segment)).length;
    yield { passage: slice.slice(0, end), sentences };
    at += end;
  }
}

/** Near enough for plans: usual words are a token, longer ones a few, signs about one, spaces go with the next word. */
function tokensOf(segment: string): number {
  if (/^\s+$/.test(segment)) return segment === " " ? 0 : 0.5;
  if (/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(segment))
    return segment.length * 0.8;
  if (/^\p{N}/u.test(segment)) return Math.ceil(segment.length / 3);
  return /^[\p{Script=Latin}]/u.test(segment) ? Math.max(1, segment.length / 5.5) : Math.max(1, segment.length / 2.5);
}
