// What is not given to the YAML parser: lists and maps within each other on one line cost it more than the square of how many they are (a
// kilobyte of `{` takes minutes), and no file written for people has many. Brackets within texts count too, which errs to the safe side:
// what is left out here is read line by line instead, or said to be no YAML.

const DEEPEST = 16;
/** `- - - ` and `? ? ? ` are within each other as brackets are. */
const MARKS = new RegExp(`(?:[-?:][ \\t]+){${DEEPEST + 1}}`);

export const TOO_DEEP = `lists and maps lie more than ${DEEPEST} deep within each other`;

export function isTooDeepForYaml(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5b || char === 0x7b)
      depth++; // [ {
    else if ((char === 0x5d || char === 0x7d) && depth > 0) depth--; // ] }
    if (depth > DEEPEST) return true;
  }
  return MARKS.test(text);
}
