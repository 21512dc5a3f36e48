import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { htmlToText } from "../../tools/support/html-text.js";

const text = (html: string) => htmlToText(html, "https://example.com/dir/page");

describe("HTML as readable text", () => {
  it("keeps the title, headings, paragraphs, lists and tables, and drops scripts, styles and comments", () => {
    expect(
      text(`<!doctype html><html><head><title>My page</title><style>p { color: red }</style>
        <script>if (a < b) document.write("<p>no</p>")</script></head>
        <body><h1>Big <em>news</em></h1><p>First   line<br>second&nbsp;line</p><!-- <p>hidden</p> -->
        <ul><li>one</li><li>two</li></ul>
        <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></body></html>`),
    ).toBe("My page\n\n# Big news\n\nFirst line\nsecond line\n\n- one\n- two\n\na | b\n1 | 2");
  });

  it("shows links with absolute addresses, and only those of the web", () => {
    expect(
      text('<p>See <a href="../x?a=1&amp;b=2">this <b>thing</b></a>, or <a href="javascript:alert(1)">that</a>.</p>'),
    ).toBe("See this thing (https://example.com/x?a=1&b=2), or that.");
    expect(text('<a class=big href=/top>up</a> <a href="#here">here</a> <a href="/img"><img src="i.png"></a>')).toBe(
      "up (https://example.com/top) here",
    );
  });

  it("keeps the layout of preformatted text", () => {
    expect(text("<p>Code:</p><pre>if x:\n    go()\n</pre><p>done</p>")).toBe("Code:\n\nif x:\n    go()\n\ndone");
  });

  it("decodes entities, and leaves alone what is none", () => {
    expect(text("&lt;b&gt; &amp;amp; &#8364; &#x20AC; &uuml; &unknown; &#0; AT&T &copy;")).toBe(
      "<b> &amp; € € ü &unknown; � AT&T ©",
    );
  });

  it("takes a < that opens no tag as text, and a > in quotes as part of the tag", () => {
    expect(text('a < b and 1<2 <img alt="x > y">ok')).toBe("a < b and 1<2 ok");
  });

  it.each([
    ["unclosed tags", '<a "'.repeat(300_000)],
    ["unclosed scripts", "<script ".repeat(200_000)],
    ["closing tags that never end", `<script>${"</script".repeat(200_000)}`],
    ["inline tags on one line", "<b>x</b>".repeat(200_000)],
    ["links on one line", "<a href=x>y</a>".repeat(100_000)],
    ["empty cells", `${"<td></td>".repeat(200_000)}x`],
    ["spaces", `${" ".repeat(1_000_000)}x`],
    ["ampersands", "&".repeat(1_000_000)],
    ["open comments", "<!--".repeat(300_000)],
    ["attributes without end", `<a ${"href  ".repeat(200_000)}>x</a>`],
  ])("takes no more than linear time for %s", (_, html) => {
    const begin = performance.now();
    text(html);
    // Quadratic work on these would take minutes; linear work takes some ten milliseconds.
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it("never fails, whatever the text", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "a",
      "/",
      '"',
      "'",
      "=",
      "href",
      " ",
      "<!--",
      "-->",
      "&",
      "#",
      ";",
      "<pre>",
      "<li>",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 50 }), (pieces) => {
        expect(typeof text(pieces.join(""))).toBe("string");
      }),
    );
  });
});
