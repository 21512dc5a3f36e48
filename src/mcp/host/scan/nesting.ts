// How deeply code is nested, told before it is parsed. The parser is native and recursive: ten thousand open brackets would overflow its
// stack and end the whole process, which no `catch` holds. So this bound errs upwards only. Where it is not clear whether a `/` begins a
// regular expression (so that the brackets after it may be text), opening brackets go on counting and closing ones do not.

/** Brackets open at once. */
const maxBrackets = 200;
/**
 * The weight of all unfinished statements and list items. Every token weighs 1, since each sign of `1 + 1 + …` or `!!!…` nests;
 * an operator or keyword that takes all that follows inside it (`=>`, `?`, `=`, `if`, `new`, …) weighs more, since it costs more stack.
 */
const maxWeight = 10_000;
const heavy = 10;

interface Level {
  opener: string;
  /** The word before it, where that decides what follows its end. */
  after: string;
  /** The weight of what a comma or the statement's end would finish. */
  chain: number;
  /** The weight of what only the statement's end would finish. */
  statements: number;
  /** Both, before a statement may have ended: taken up again where it turns out that it goes on. */
  before: number;
}

const level = (opener: string, after = ""): Level => ({ opener, after, chain: 0, statements: 0, before: 0 });

const taking = new Set(["new", "await", "yield", "keyof", "readonly", "unique", "infer", "extends"]);
const statements = new Set(["if", "else", "for", "while", "do", "with"]);
const starting = new Set([
  "const",
  "let",
  "var",
  "return",
  "throw",
  "import",
  "export",
  "case",
  "type",
  "interface",
  "function",
  "class",
]);
/** Words after which a `/` begins a regular expression. */
const operators = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "instanceof",
  "delete",
  "void",
  "throw",
  "new",
  "do",
  "else",
]);
const heads = new Set(["if", "while", "for", "with"]);
const unclear = new Set(["of", "yield", "await", "as", "satisfies", "async", "get", "set", "static"]);
/** Words that continue a statement whose last token was a bracket. */
const goingOn = new Set(["else", "while", "catch", "finally", "in", "of", "instanceof", "as", "satisfies", "from"]);
/** Tokens after which a word of `starting` is a name or part of an expression. */
const inExpression = new Set([
  "as",
  "<",
  "satisfies",
  "=",
  "=>",
  ">",
  "?",
  ":",
  "(",
  "head",
  "new",
  "await",
  "async",
  "default",
  ",",
  "else",
  "do",
  "name",
  "export",
  "typeof",
]);
const word = /[\p{ID_Start}$_#\\][\p{ID_Continue}$\\]*|\d[\w.]*/uy;

export function tooDeep(source: string): boolean {
  const bottom = level("");
  const levels: Level[] = [bottom];
  let weight = 0; // of all levels
  let previous = "";
  let ended = false; // the token before was a `}` or `;` that may have ended a statement
  let doubt: "none" | "line" | "file" = "none";
  let doubted = false; // so that brackets may not match from here on
  let dots = false; // in the name of a namespace, each dot nests

  const top = () => levels.at(-1) ?? bottom;
  const take = (kind: "chain" | "statements", count = heavy) => {
    top()[kind] += count;
    weight += count;
  };
  const drop = (kind: "chain" | "statements") => {
    weight -= top()[kind];
    top()[kind] = 0;
  };
  const mayEnd = () => {
    const at = top();
    at.before += at.chain + at.statements;
    drop("chain");
    drop("statements");
    ended = true;
  };
  const settle = (goesOn: boolean) => {
    if (!ended) return;
    ended = false;
    if (goesOn) take("statements", top().before);
    top().before = 0;
  };
  /** Passes the text of a template up to its end or the next `${`. */
  const template = (from: number): number => {
    let at = from;
    while (at < source.length) {
      const char = source[at];
      if (char === "\\") at += 2;
      else if (char === "`") {
        previous = "`";
        return at + 1;
      } else if (char === "$" && source[at + 1] === "{") {
        levels.push(level("${"));
        previous = "${";
        return at + 2;
      } else at++;
    }
    return at;
  };

  let at = 0;
  while (at < source.length && levels.length <= maxBrackets && weight <= maxWeight) {
    const char = source.charAt(at);
    const next = source.charAt(at + 1);
    if (isNewline(char)) {
      if (doubt === "line") doubt = source.charAt(at - 1) === "\\" ? "file" : "none";
      at++;
      continue;
    }
    if (/\s/.test(char)) {
      at++;
      continue;
    }
    if (doubt !== "none" && (char === "`" || (char === "/" && next === "*"))) doubt = "file";
    if (doubt === "none") {
      if (char === "/" && next === "/") {
        at = lineEnd(source, at);
        continue;
      }
      if (char === "/" && next === "*") {
        const end = source.indexOf("*/", at + 2);
        at = end < 0 ? source.length : end + 2;
        continue;
      }
      if (char === '"' || char === "'") {
        settle(false);
        take("chain", 1);
        at = stringEnd(source, at);
        previous = "text";
        continue;
      }
      if (char === "`") {
        settle(true);
        take("chain", 1);
        at = template(at + 1);
        continue;
      }
      if (char === "/") {
        settle(true);
        take("chain", 1);
        const kind = slash(previous);
        const end = regexEnd(source, at);
        if (kind === "regex" && end > 0) {
          at = end;
          previous = "text";
          continue;
        }
        // Without a second `/` on the line it can only divide.
        if (kind === "either" && end > 0) {
          doubt = "line";
          doubted = true;
        }
        previous = "/";
        at++;
        continue;
      }
    }
    word.lastIndex = at;
    const found = word.exec(source)?.[0];
    if (found !== undefined) {
      const member = previous === "." || previous === "?.";
      if (ended) settle(goingOn.has(found));
      else if (starting.has(found) && !member && !doubted && !inExpression.has(previous)) {
        drop("chain");
        drop("statements");
        top().before = 0;
      }
      take("chain", taking.has(found) && !member ? heavy : 1);
      if (statements.has(found) && !member) take("statements");
      if (found === "namespace" || found === "module") dots = true;
      if (!(previous === "for" && found === "await"))
        previous = !member && (operators.has(found) || unclear.has(found) || heads.has(found)) ? found : "name";
      at += found.length;
      continue;
    }
    if ("([{".includes(char)) {
      settle(char !== "{");
      take("chain", 1);
      levels.push(level(char, previous));
      dots = false;
    } else if (")]}".includes(char)) {
      if (doubt === "none" && levels.length > 1) {
        const closed = levels.pop() ?? bottom;
        weight -= closed.chain + closed.statements;
        ended = false;
        if (closed.opener === "${" && char === "}") {
          at = template(at + 1);
          continue;
        }
        if (char === "}") mayEnd();
        if (char === ")" && doubted) previous = "}";
        else previous = char === ")" && heads.has(closed.after) ? "head" : char;
      } else previous = "}";
      at++;
      continue;
    } else if (char === ";" && doubt === "none") {
      settle(false);
      mayEnd();
      dots = false;
    } else if (char === "," && doubt === "none") {
      settle(true);
      drop("chain");
    } else {
      settle(true);
      const takes = "=?:<@".includes(char) || (char === "*" && next === "*") || (char === "." && dots);
      take("chain", takes ? heavy : 1);
    }
    const double = (char === "?" && next === ".") || ((char === "+" || char === "-") && next === char);
    if (
      char === "!" &&
      !/[\n\r\u2028\u2029]\s*$/.test(source.slice(Math.max(0, at - 200), at)) &&
      ["name", ")", "]", "text", "`", "}"].includes(previous)
    )
      previous = "!!";
    else previous = double ? char + next : char;
    at += double ? 2 : 1;
  }
  return levels.length > maxBrackets || weight > maxWeight;
}

function isNewline(char: string | undefined): boolean {
  return char === "\n" || char === "\r" || char === "\u2028" || char === "\u2029";
}

function slash(previous: string): "regex" | "divide" | "either" {
  if (["name", "text", "]", "`", ")"].includes(previous)) return "divide";
  if (["}", "++", "--", ">", "!!"].includes(previous) || unclear.has(previous)) return "either";
  return "regex";
}

function lineEnd(source: string, from: number): number {
  const found = source.slice(from).search(/[\n\r\u2028\u2029]/);
  return found < 0 ? source.length : from + found;
}

function stringEnd(source: string, from: number): number {
  const quote = source[from];
  for (let at = from + 1; at < source.length; at++) {
    const char = source[at];
    if (char === "\\") at += source[at + 1] === "\r" && source[at + 2] === "\n" ? 2 : 1;
    else if (char === quote) return at + 1;
    else if (char === "\n" || char === "\r") return at;
  }
  return source.length;
}

/** Behind the `/` that would end a regular expression; 0 where none does on this line. */
function regexEnd(source: string, from: number): number {
  let inClass = false;
  for (let at = from + 1; at < source.length; at++) {
    const char = source[at];
    if (isNewline(char)) return 0;
    if (char === "\\") at++;
    else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "/" && !inClass) return at + 1;
  }
  return 0;
}
