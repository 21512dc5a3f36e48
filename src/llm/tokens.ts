// How many tokens a text is, about: no tokenizer is loaded, for every model has its own and none of them is small. What is estimated
// here is set right by what providers count (`measured` in the session), so it need only be right up to a factor.

/** Around every message, for its role and its ends. */
export const MESSAGE_TOKENS = 4;
/** An image, whatever its size: models make it smaller. */
export const IMAGE_TOKENS = 1_600;
/** Characters of ASCII to a token: English has over four, code and JSON about three. */
const ASCII_PER_TOKEN = 3.6;
/** Other alphabets have about two; characters that stand for words, and emoji, are a token and more. */
const LETTERS_PER_TOKEN = 2;
const FIRST_IDEOGRAPH = 0x2e80;

/** Of a text in UTF-8 that is not read yet. */
export function estimateTokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / ASCII_PER_TOKEN);
}

/** How many bytes have about so many tokens. */
export function bytesOfTokens(tokens: number): number {
  return Math.floor(tokens * ASCII_PER_TOKEN);
}
/** Of a long text so many characters are looked at, evenly spread: a conversation of megabytes is counted at once. */
const MOST_LOOKED_AT = 1_024;

/** 0 for nothing, else at least 1. */
export function estimateTokens(text: string): number {
  const step = Math.max(1, text.length / MOST_LOOKED_AT);
  let letters = 0;
  let ideographs = 0;
  for (let at = 0; at < text.length; at += step) {
    const code = text.charCodeAt(Math.floor(at));
    if (code < 0x80) continue;
    if (code < FIRST_IDEOGRAPH) letters++;
    else ideographs++;
  }
  const ascii = text.length - (letters + ideographs) * step;
  return Math.ceil(ascii / ASCII_PER_TOKEN + (letters * step) / LETTERS_PER_TOKEN + ideographs * step);
}
