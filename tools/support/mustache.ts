// Mustache made safe for templates and data from anywhere: names are looked up among the data's own fields alone, never in what
// every object of the language has, and how much is rendered is bounded, since sections in sections multiply.
import Mustache from "mustache";
import { ToolError } from "../define.js";

const MAX_OUTPUT = 900_000;
const MAX_STEPS = 200_000;
const MAX_TAGS = 2_000;
// The parser's time grows with the square of a run of spaces.
const LONG_SPACE = /\s{200}/;
const OTHER_MARKS = /\{\{\s*=/;

export interface Filled {
  readonly text: string;
  /** Names of values that the data has not; a section may ask for what is not there. */
  readonly missing: readonly string[];
}

/** Fills a template; `html`: escape values for HTML. Throws a ToolError about the template. */
export function fillTemplate(template: string, data: Readonly<Record<string, unknown>>, html: boolean): Filled {
  if (LONG_SPACE.test(template)) throw new ToolError("The template holds more than 200 spaces in a row; shorten them.");
  if (OTHER_MARKS.test(template))
    throw new ToolError("Other marks than {{ }} are not supported; write tags with those.");
  if (template.split("{{").length > MAX_TAGS + 1) throw new ToolError("The template has over 2,000 tags; split it.");
  const writer = new BoundedWriter(html);
  try {
    return { text: writer.render(template, new OwnFields(data)), missing: [...writer.missing] };
  } catch (error) {
    if (error instanceof ToolError) throw error;
    if (error instanceof RangeError)
      throw new ToolError("The sections of the template are nested too deep; use fewer.");
    const why = error instanceof Error ? error.message.slice(0, 200) : "unknown trouble";
    throw new ToolError(`The template is not valid (${why}); correct it.`, { cause: error });
  }
}

class OwnFields extends Mustache.Context {
  constructor(
    override readonly view: unknown,
    private readonly above?: OwnFields,
  ) {
    super(view, above);
  }

  override push(view: unknown): OwnFields {
    return new OwnFields(view, this);
  }

  override lookup(name: string): unknown {
    if (name === ".") return this.view;
    const [first = "", ...rest] = name.split(".");
    if (!has(this.view, first)) return this.above?.lookup(name);
    return rest.reduce<unknown>((value, part) => (has(value, part) ? value[part] : undefined), this.view[first]);
  }
}

class BoundedWriter extends Mustache.Writer {
  readonly missing = new Set<string>();
  private size = 0;
  private steps = 0;

  constructor(private readonly html: boolean) {
    super();
  }

  override renderTokens(...args: Parameters<Writer["renderTokens"]>): string {
    this.spend("");
    return super.renderTokens(...args);
  }

  override rawValue(token: string[]): string {
    return this.spend(token[1] ?? "");
  }

  override escapedValue(token: string[], context: OwnFields): string {
    const text = this.textOf(token, context);
    return this.spend(this.html ? Mustache.escape(text) : text);
  }

  override unescapedValue(token: string[], context: OwnFields): string {
    return this.spend(this.textOf(token, context));
  }

  override renderPartial(token: string[]): never {
    throw new ToolError(`Partials such as {{> ${token[1]}}} are not supported; put their text into the template.`);
  }

  private textOf(token: string[], context: OwnFields): string {
    const value = context.lookup(token[1] ?? "");
    if (value === undefined) this.missing.add(token[1] ?? "");
    if (value === undefined || value === null) return "";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }

  private spend(text: string): string {
    this.size += text.length;
    if (++this.steps <= MAX_STEPS && this.size <= MAX_OUTPUT) return text;
    throw new ToolError("The template repeats too much for this data; give less data or fill it in parts.");
  }
}

type Writer = InstanceType<typeof Mustache.Writer>;

function has(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}
