// Bytes from the terminal as keys. Ink's own parser loses what an editor needs (what is pasted and what is typed, Ctrl+J apart
// from Enter, a tab inside a paste), so the screen reads the terminal itself and Ink is never given a key.

export interface Key {
  readonly type: "key";
  /** `enter`, `tab`, `escape`, `backspace`, `delete`, an arrow, `home`, `end`, `pageup`, `pagedown`, `f1` to `f12`, or the letter of a combination. */
  readonly name: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

export interface Paste {
  readonly type: "paste";
  readonly text: string;
  /** It was longer than anything may be, and is let go. */
  readonly tooLong?: boolean;
}

export type Input = Key | { readonly type: "text"; readonly text: string } | Paste;

/** A key as it is written in tables: `C-` for Ctrl, `A-` for Alt, `S-` for Shift, and the name. */
export function spelled({ ctrl, alt, shift, name }: Key): string {
  return `${ctrl ? "C-" : ""}${alt ? "A-" : ""}${shift ? "S-" : ""}${name}`;
}

const ESC = "\u001B";
const PASTE_END = `${ESC}[201~`;
/** A longer paste is let go, in UTF-16 units. */
const LONGEST_PASTE = 4_000_000;
/** No escape sequence that means something is longer. */
const LONGEST_SEQUENCE = 64;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: escape sequences are what these read
const CSI = /^\u001B\[([0-?]*)([ -/]*)([@-~])/;
const OPEN_CSI = /^\u001B\[[0-?]*[ -/]*$/;
const SS3 = /^\u001BO([@-~])/;
const CONSOLE_FUNCTION_KEY = /^\u001B\[\[[A-E]/;
const STRING = /^\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)/;
const OPEN_STRING = /^\u001B[\]PX^_][^\u0007\u001B]*\u001B?$/;
const TEXT = /^[^\u0000-\u001F\u007F]+/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

const LETTERS: { readonly [final: string]: string } = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  M: "enter",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

const NUMBERS: { readonly [number: number]: string } = {
  1: "home",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

const CODES: { readonly [code: number]: string } = {
  8: "backspace",
  9: "tab",
  13: "enter",
  27: "escape",
  127: "backspace",
  57414: "enter",
  57417: "left",
  57418: "right",
  57419: "up",
  57420: "down",
  57421: "pageup",
  57422: "pagedown",
  57423: "home",
  57424: "end",
  57426: "delete",
};

/** What Ctrl with a letter always was, by its code. */
const CONTROLS: { readonly [code: number]: string } = { 91: "escape", 105: "tab", 109: "enter" };
/** The digits beside the letters are text; those of the keypad begin here. */
const KEYPAD_0 = 57399;

/** Splits what comes from the terminal into keys, text and pastes. Sequences may be cut anywhere between chunks. */
export class KeyDecoder {
  #rest = "";
  #pasted: string | undefined;
  #tooLong = false;
  #canExtend = false;

  /** True once the terminal has told that it can report keys in full (`CSI ? u` was asked). */
  get canExtend(): boolean {
    return this.#canExtend;
  }

  /** True when something is half read: call {@link flush} if nothing follows within a moment. */
  get pending(): boolean {
    return this.#rest !== "" || this.#pasted !== undefined;
  }

  /** True inside a paste: what follows may take longer than the rest of a key. */
  get pasting(): boolean {
    return this.#pasted !== undefined;
  }

  push(chunk: string): Input[] {
    const inputs: Input[] = [];
    this.#rest += chunk;
    while (this.#rest !== "") {
      const before = this.#rest.length;
      if (this.#pasted !== undefined) this.#paste(inputs);
      else this.#one(inputs);
      if (this.#rest.length === before) break;
    }
    return inputs;
  }

  /** Nothing followed: a lone escape is the Escape key, an unfinished sequence is dropped, a paste without end is a paste. */
  flush(): Input[] {
    const rest = this.#rest;
    this.#rest = "";
    if (this.#pasted !== undefined) {
      const text = this.#pasted + rest;
      this.#pasted = undefined;
      return [this.#ended(text)];
    }
    if (rest === ESC || rest === ESC + ESC) return [key("escape")];
    // What begins a longer sequence is, alone, that key with Alt.
    return rest.length === 2 ? [withAlt(rest[1] ?? "")] : [];
  }

  #paste(inputs: Input[]): void {
    const end = this.#rest.indexOf(PASTE_END);
    // The end mark itself may be cut in two.
    const upTo = end === -1 ? this.#rest.length - keptTail(this.#rest) : end;
    const text = (this.#pasted ?? "") + this.#rest.slice(0, upTo);
    this.#rest = this.#rest.slice(end === -1 ? upTo : upTo + PASTE_END.length);
    this.#tooLong ||= text.length > LONGEST_PASTE;
    if (end !== -1) inputs.push(this.#ended(text));
    this.#pasted = end !== -1 ? undefined : this.#tooLong ? "" : text;
  }

  #ended(text: string): Paste {
    const tooLong = this.#tooLong;
    this.#tooLong = false;
    return tooLong ? { type: "paste", text: "", tooLong } : { type: "paste", text };
  }

  #one(inputs: Input[]): void {
    const rest = this.#rest;
    const text = TEXT.exec(rest)?.[0];
    if (text !== undefined) {
      this.#rest = rest.slice(text.length);
      inputs.push({ type: "text", text });
    } else if (rest[0] === ESC) {
      this.#escape(inputs);
    } else {
      this.#rest = rest.slice(1);
      const pressed = control(rest.charCodeAt(0));
      if (pressed !== undefined) inputs.push(pressed);
    }
  }

  #escape(inputs: Input[]): void {
    // ESC before a whole sequence means Alt: some terminals send Alt+Up so.
    const alt = /^\u001B\u001B[[O]/.test(this.#rest);
    const rest = alt ? this.#rest.slice(1) : this.#rest;
    const take = (length: number): void => {
      this.#rest = rest.slice(length);
    };
    const console = CONSOLE_FUNCTION_KEY.exec(rest) ?? STRING.exec(rest);
    if (console !== null) return take(console[0].length);
    const csi = CSI.exec(rest);
    if (csi !== null) {
      take(csi[0].length);
      if (csi[1] === "200" && csi[3] === "~") this.#pasted = "";
      else if (csi[1]?.startsWith("?") && csi[3] === "u") this.#canExtend = true;
      else push(inputs, sequence(csi[1] ?? "", csi[3] ?? "", alt));
      return;
    }
    const ss3 = SS3.exec(rest);
    if (ss3 !== null) {
      take(ss3[0].length);
      push(inputs, named(LETTERS[ss3[1] ?? ""], 0, alt));
      return;
    }
    const unfinished = rest === ESC || rest === `${ESC}O` || OPEN_CSI.test(rest) || OPEN_STRING.test(rest);
    if (unfinished && rest.length <= LONGEST_SEQUENCE) return;
    if (unfinished || rest[1] === ESC) {
      take(unfinished ? rest.length : 1);
      if (!unfinished) inputs.push(key("escape"));
      return;
    }
    const character = String.fromCodePoint(rest.codePointAt(1) ?? 0);
    take(1 + character.length);
    inputs.push(withAlt(character));
  }
}

function push(inputs: Input[], input: Input | undefined): void {
  if (input !== undefined) inputs.push(input);
}

function key(name: string, ctrl = false, alt = false, shift = false): Key {
  return { type: "key", name, ctrl, alt, shift };
}

function withAlt(character: string): Key {
  const pressed = control(character.charCodeAt(0)) ?? key(character.toLowerCase());
  return { ...pressed, alt: true, shift: character !== character.toLowerCase() };
}

/** `modifiers`: 1 shift, 2 alt, 4 ctrl. */
function named(name: string | undefined, modifiers: number, alt = false): Key | undefined {
  if (name === undefined) return undefined;
  return key(name, (modifiers & 4) !== 0, alt || (modifiers & 2) !== 0, (modifiers & 1) !== 0);
}

function control(code: number): Key | undefined {
  const name = CODES[code];
  if (name !== undefined) return key(name);
  if (code >= 1 && code <= 26) return key(String.fromCharCode(code + 96), true);
  if (code >= 28 && code <= 31) return key(String.fromCharCode(code + 64), true);
  return undefined;
}

function sequence(parameters: string, final: string, alt: boolean): Input | undefined {
  const [first = "", second = "", third = ""] = parameters.split(";");
  const [modifiers = "1", event = "1"] = second.split(":");
  if (event === "3") return undefined; // a key let go
  if (/[P-S]/.test(final) && !/^1?$/.test(first)) return undefined; // where the cursor is
  const bits = Math.max(0, (Number.parseInt(modifiers, 10) || 1) - 1);
  if (final === "Z") return key("tab", false, alt, true);
  if (final === "~" && first === "27") return coded(Number.parseInt(third, 10), bits);
  if (final === "~") return named(NUMBERS[Number.parseInt(first, 10)], bits, alt);
  if (final === "u") return coded(Number.parseInt(first, 10), bits);
  return parameters.startsWith("<") ? undefined : named(LETTERS[final], bits, alt);
}

/** Super, Hyper and Meta: the window manager's, and nothing typed. */
const OTHER_MODIFIERS = 8 | 16 | 32;

/** A key by its code point, as terminals with extended keys report it. */
function coded(code: number, modifiers: number): Input | undefined {
  if ((modifiers & OTHER_MODIFIERS) !== 0) return undefined;
  const name = (modifiers & 7) === 4 ? CONTROLS[code] : undefined;
  if (name !== undefined) return named(name, 0);
  if (CODES[code] !== undefined) return named(CODES[code], modifiers);
  if (code >= KEYPAD_0 && code < KEYPAD_0 + 10) return { type: "text", text: `${code - KEYPAD_0}` };
  if (!(code >= 32 && code <= 0x10ffff) || (code >= 57344 && code <= 63743)) return undefined;
  const character = String.fromCodePoint(code);
  return (modifiers & 6) === 0 ? { type: "text", text: character } : named(character.toLowerCase(), modifiers);
}

/** How many characters at the end may be the start of the end mark. */
function keptTail(text: string): number {
  for (let length = Math.min(PASTE_END.length - 1, text.length); length > 0; length--) {
    if (PASTE_END.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
