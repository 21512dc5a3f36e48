// HTML to readable text in one pass over the characters, so that no page, however broken, takes more than linear time. It keeps
// what a reader would see: paragraphs, headings, lists, links with their addresses; scripts, styles and comments go. A tag that
// never closes ends the page, as in the HTML standard.

const SKIPPED = new Set(["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea"]);
const BLOCKS = new Set(
  (
    "address article aside blockquote body dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 " +
    "header hr html legend li main nav ol p pre section summary table tbody tfoot thead title tr ul"
  ).split(" "),
);
const NAMED = new Map(
  Object.entries({
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: " ",
    copy: "©",
    reg: "®",
    trade: "™",
    deg: "°",
    middot: "·",
    bull: "•",
    hellip: "…",
    ndash: "–",
    mdash: "—",
    lsquo: "‘",
    rsquo: "’",
    ldquo: "“",
    rdquo: "”",
    laquo: "«",
    raquo: "»",
    times: "×",
    divide: "÷",
    minus: "−",
    larr: "←",
    rarr: "→",
    euro: "€",
    pound: "£",
    sect: "§",
    shy: "",
    auml: "ä",
    ouml: "ö",
    uuml: "ü",
    Auml: "Ä",
    Ouml: "Ö",
    Uuml: "Ü",
    szlig: "ß",
    eacute: "é",
    egrave: "è",
    agrave: "à",
    ccedil: "ç",
    ntilde: "ñ",
  }),
);

/** The text of a page; `base` makes the addresses of links absolute. */
export function htmlToText(html: string, base: string): string {
  const page = new Page(base);
  for (let at = 0; at < html.length; ) {
    const open = html.indexOf("<", at);
    if (open === -1) {
      page.words(html.slice(at));
      break;
    }
    page.words(html.slice(at, open));
    if (html.startsWith("<!--", open)) {
      at = after(html, "-->", open + 4);
    } else if (/[!?]/.test(html[open + 1] ?? "")) {
      at = after(html, ">", open);
    } else if (/^<\/?[a-z]/i.test(html.slice(open, open + 3))) {
      at = endOfTag(html, open);
      const tag = html.slice(open, at);
      const name = /^<\/?([a-z][a-z0-9-]*)/i.exec(tag)?.[1]?.toLowerCase() ?? "";
      if (tag[1] !== "/" && SKIPPED.has(name)) at = closingOf(name, html, at);
      else page.tag(name, tag);
    } else {
      page.words("<");
      at = open + 1;
    }
  }
  return page.text();
}

// The current line is kept as parts and joined once: appending to one string and looking at its end again and again would
// copy it each time, which a page of inline tags alone could turn into minutes.
class Page {
  private readonly lines: string[] = [];
  private parts: string[] = [];
  private spaced = true; // nothing on the line yet, or a space at its end
  private preformatted = 0;
  private link: { address: string; from: number } | undefined;

  constructor(private readonly base: string) {}

  words(raw: string): void {
    const text = decodeEntities(raw);
    if (this.preformatted > 0) {
      const [first = "", ...rest] = text.split("\n");
      this.add(first);
      for (const next of rest) {
        this.lines.push(this.parts.join("").trimEnd());
        this.parts = [next];
      }
      return;
    }
    const words = text.replace(/\s+/g, " ");
    this.add(this.spaced ? words.trimStart() : words);
  }

  tag(name: string, tag: string): void {
    const closing = tag[1] === "/";
    if (name === "br") this.endLine();
    else if (name === "a") this.anchor(closing, tag);
    else if (name === "td" || name === "th") this.cell(closing);
    else if (BLOCKS.has(name)) this.block(name, closing);
  }

  text(): string {
    this.endLine();
    return this.lines.join("\n").trim();
  }

  private add(part: string): void {
    if (part === "") return;
    this.parts.push(part);
    this.spaced = part.endsWith(" ");
  }

  private block(name: string, closing: boolean): void {
    this.endLine();
    if (name === "pre") this.preformatted = Math.max(0, this.preformatted + (closing ? -1 : 1));
    if (name !== "li" && name !== "tr" && this.lines.at(-1) !== "") this.lines.push("");
    if (name === "li" && !closing) this.add("- ");
    if (/^h[1-6]$/.test(name) && !closing) this.add(`${"#".repeat(Number(name[1]))} `);
  }

  private cell(closing: boolean): void {
    if (!closing && this.parts.length > 0) this.add(this.spaced ? "| " : " | ");
  }

  private anchor(closing: boolean, tag: string): void {
    if (!closing) {
      const found = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(tag);
      const address = absolute(decodeEntities(found?.[1] ?? found?.[2] ?? found?.[3] ?? ""), this.base);
      this.link = address === undefined ? undefined : { address, from: this.parts.length };
      return;
    }
    // A link around whole paragraphs has left its line; its words stay, its address would only confuse.
    if (this.link && this.parts.length > this.link.from) this.add(`${this.spaced ? "" : " "}(${this.link.address})`);
    this.link = undefined;
  }

  private endLine(): void {
    const line = this.parts.join("").trimEnd();
    if (line !== "" && line !== "-") this.lines.push(line);
    this.parts = [];
    this.spaced = true;
    this.link = undefined;
  }
}

function absolute(address: string, base: string): string | undefined {
  if (address === "" || address.startsWith("#") || !URL.canParse(address, base)) return undefined;
  const url = new URL(address, base);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found === -1 ? html.length : found + mark.length;
}

/** Just past the ">" of the tag that begins at `from`; a ">" in quotes does not count. */
function endOfTag(html: string, from: number): number {
  let quote = "";
  for (let at = from + 1; at < html.length; at++) {
    const character = html[at] ?? "";
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === ">") return at + 1;
    else if ((character === '"' || character === "'") && /[=\s]/.test(html[at - 1] ?? "")) quote = character;
  }
  return html.length;
}

function closingOf(name: string, html: string, from: number): number {
  const closing = new RegExp(`</${name}`, "gi");
  closing.lastIndex = from;
  const found = closing.exec(html);
  return found ? endOfTag(html, found.index) : html.length;
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : "\uFFFD";
  });
}
