// The arguments of one tool while they are being read: which have a value, and which parts of the message are spent.
import type { Literal } from "./literals.js";
import type { Argument, ArgumentKind, ToolProfile } from "./tool-profile.js";
import { overlap, type Stretch, type Utterance } from "./utterance.js";
import { isStopWord, type Word } from "./words.js";

export class Draft {
  readonly profile: ToolProfile;
  readonly message: Utterance;
  /** Whether a word stands for a part of the tool's name. */
  readonly isName: (word: Word) => boolean;
  /** Parts of the message that belong to some argument. */
  readonly taken: Stretch[] = [];
  /** Kinds of the values that went to an argument made for them. */
  readonly fitting: string[] = [];
  /** True when the rest of the message became an argument. */
  tookText = false;
  readonly #values = new Map<string, unknown>();

  constructor(profile: ToolProfile, message: Utterance, isName: (word: Word) => boolean) {
    this.profile = profile;
    this.message = message;
    this.isName = isName;
  }

  /** The values in the order of the schema, which is how people read them. */
  values(): { readonly [name: string]: unknown } {
    const known = this.profile.arguments.map((argument) => argument.name).filter((name) => this.#values.has(name));
    const order = new Set([...known, ...this.#values.keys()]);
    return Object.fromEntries([...order].map((name) => [name, this.#values.get(name)]));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Arguments without a value, in the order of the schema. */
  open(required: boolean): Argument[] {
    return this.profile.arguments.filter((one) => one.required === required && !this.#values.has(one.name));
  }

  /** Arguments of a kind without a value, the required ones first. */
  ofKind(kind: ArgumentKind): Argument[] {
    return [...this.open(true), ...this.open(false)].filter((argument) => argument.kind === kind);
  }

  /** Values of a kind that nothing has taken. */
  free(kind: Literal["kind"]): Literal[] {
    return this.message.literals.filter((literal) => literal.kind === kind && !this.isTaken(literal));
  }

  isTaken(stretch: Stretch): boolean {
    return this.taken.some((taken) => overlap(taken, stretch));
  }

  fill(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  /** Gives an argument a value made of that part of the message. */
  assign(stretch: Stretch, argument: Argument, value: unknown): void {
    this.#values.set(argument.name, value);
    this.taken.push(stretch);
  }

  /** Gives an argument a value the message states; `kind` is why it fits. */
  set(argument: Argument, value: unknown, literal: Literal, kind: string): void {
    this.#values.set(argument.name, value);
    this.consume(literal, kind);
  }

  consume(literal: Literal, kind: string): void {
    this.taken.push(literal);
    this.fitting.push(kind);
  }

  contentWords(): readonly Word[] {
    return this.message.words.filter((word) => !isStopWord(word.text));
  }

  /** Whether the word before a value names the argument. */
  isNamedBefore(literal: Literal, argument: Argument): boolean {
    const before = this.contentWords().filter((word) => word.end <= literal.start);
    return argument.nameStems.includes(before.at(-1)?.stem ?? "");
  }

  /** Whether nothing but blanks lies between two parts of the message. */
  touches(a: Stretch, b: Stretch): boolean {
    if (overlap(a, b)) return false;
    const [first, second] = a.start < b.start ? [a, b] : [b, a];
    return this.message.text.slice(first.end, second.start).trim() === "";
  }
}
