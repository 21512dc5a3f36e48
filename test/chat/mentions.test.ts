// What counts as a mention, and what is read of files and pages.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { mentionsIn } from "../../src/chat/mentions/mention.js";
import { type MentionSources, readMentions } from "../../src/chat/mentions/read.js";
import { textOfHtml } from "../../src/chat/mentions/read-url.js";
import { temporaryHome } from "../support/home.js";
import { PNG } from "../support/images.js";

const never = new AbortController().signal;
const names = (text: string) => mentionsIn(text).map(({ name }) => name);

describe("a mention", () => {
  it("begins a word, ends before what ends a sentence, and counts once", () => {
    expect(names("see @a.md, (@src/b.ts) and @a.md. Also @file:c.md!")).toEqual(["a.md", "src/b.ts", "file:c.md"]);
    expect(names('the file @"my notes.txt", or @file:"other notes.txt"')).toEqual([
      "my notes.txt",
      "file:other notes.txt",
    ]);
  });

  it("is no mail address, and nothing within code", () => {
    expect(names("write to me@example.org")).toEqual([]);
    expect(names("`@Injectable` and\n```ts\n@Component()\nimport x from '@/y'\n```\nbut @this")).toEqual(["this"]);
  });

  it("of a page, a resource, a prompt or a tool says which it is", () => {
    const text = "@url:http://a/b @https://c/d?e=f, @resource:s.x://1 @prompt:s.p @tool:s.t";
    expect(mentionsIn(text).map(({ kind, target }) => [kind, target])).toEqual([
      ["url", "http://a/b"],
      ["url", "https://c/d?e=f"],
      ["resource", "s.x://1"],
      ["prompt", "s.p"],
      ["tool", "s.t"],
    ]);
  });

  it("of a million signs that are none is found in no time", () => {
    expect(names(`${"@".repeat(500_000)} ${"`@".repeat(250_000)}`).length).toBeLessThan(3);
  });
});

/** No server is there; what is read is files and pages. */
function sources(folder: string, limits: Partial<MentionSources["limits"]> = {}): MentionSources {
  const none = async () => [];
  const nobody = () => Promise.reject(new Error("no server is there"));
  return {
    folder,
    limits: { count: 20, size: { text: 100, image: 200 }, urlMs: 5_000, serverMs: 5_000, ...limits },
    reach: { resources: none, templates: none, prompts: none, server: nobody, read: nobody },
    serverNames: none,
    tools: none,
  };
}

const read = async (text: string, from: MentionSources, signal = never) =>
  (await readMentions(text, from, signal)).map((one) =>
    "problem" in one ? one : { name: one.name, mimeType: one.mimeType, text: Buffer.from(one.data).toString() },
  );

describe("a mentioned file", () => {
  it.skipIf(!existsSync("/proc/self/comm"))("is read whole where the system tells no size of it", async () => {
    const [comm] = await read("@/proc/self/comm", sources(temporaryHome()));
    expect(comm).toMatchObject({ text: readFileSync("/proc/self/comm", "utf8") });
  });

  it("is read as text or as an image, whatever it is called, and a folder as its listing", async () => {
    const folder = temporaryHome();
    mkdirSync(join(folder, "src", "deep"), { recursive: true });
    writeFileSync(join(folder, "src", "a.ts"), "let a;");
    writeFileSync(join(folder, "dot.txt"), PNG);
    expect(await read("@src/a.ts @src/ @dot.txt", sources(folder))).toEqual([
      { name: "src/a.ts", mimeType: "text/plain", text: "let a;" },
      { name: "src/", mimeType: "inode/directory", text: "a.ts\ndeep/" },
      { name: "dot.txt", mimeType: "image/png", text: PNG.toString() },
    ]);
  });

  it("that cannot be read is told of, and a word that is no file is a word", async () => {
    const folder = temporaryHome();
    writeFileSync(join(folder, "large.txt"), "x".repeat(101));
    writeFileSync(join(folder, "binary"), Buffer.from([1, 0, 2]));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    symlinkSync("nowhere", join(folder, "link"));
    const text = "@large.txt @binary @pipe @./link @file:gone @word @scope/package @~/surely/not/there";
    expect(await read(text, sources(folder))).toEqual([
      { name: "large.txt", problem: expect.stringContaining("limits.attachment_size") },
      { name: "binary", problem: "it is neither text nor an image (PNG, JPEG, GIF, WebP)" },
      { name: "pipe", problem: "it is neither a file nor a folder" },
      { name: "./link", problem: "there is no such file" },
      { name: "file:gone", problem: "there is no such file" },
      { name: "~/surely/not/there", problem: "there is no such file" },
    ]);
  });

  it("beyond the number that goes with a message is told of", async () => {
    const folder = temporaryHome();
    for (const name of ["a.md", "b.md"]) writeFileSync(join(folder, name), name);
    expect(await read("@a.md @./b.md", sources(folder, { count: 1 }))).toMatchObject([
      { name: "a.md" },
      { name: "./b.md", problem: expect.stringContaining("limits.mentions") },
    ]);
  });
});

describe("a mentioned page", () => {
  async function site(): Promise<string> {
    const server = createServer((request, response) => {
      const path = request.url ?? "";
      if (path === "/page") response.setHeader("content-type", "text/html").end("<h1>Hi</h1><script>no()</script>");
      else if (path === "/moved") response.writeHead(302, { location: "/page" }).end();
      else if (path === "/loop") response.writeHead(302, { location: "/loop" }).end();
      else if (path === "/away") response.writeHead(302, { location: "file:///etc/passwd" }).end();
      else if (path === "/image") response.setHeader("content-type", "image/png").end(PNG);
      else if (path === "/endless") {
        const more = (): void => void response.write("x".repeat(64), () => setImmediate(more));
        more();
      } else if (path !== "/silent") response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
  }

  it("is read as its text, also after a redirect, or as an image", async () => {
    const at = await site();
    expect(await read(`@${at}/page @url:${at}/moved @${at}/image`, sources("/"))).toMatchObject([
      { name: `${at}/page`, text: "Hi" },
      { name: `url:${at}/moved`, text: "Hi" },
      { mimeType: "image/png" },
    ]);
  });

  it("that leads nowhere, never ends or does not come is told of", async () => {
    const at = await site();
    const text = ["gone", "loop", "away", "endless"].map((path) => `@${at}/${path}`).join(" ");
    expect(await read(`${text} @url:ftp://x`, sources("/"))).toMatchObject([
      { problem: "the server answers 404 Not Found" },
      { problem: expect.stringContaining("it leads from one address to the next") },
      { problem: "it is no http or https address" },
      { problem: expect.stringContaining("limits.attachment_size") },
      { problem: "it is no http or https address" },
    ]);
    expect(await read(`@${at}/silent`, sources("/", { urlMs: 50 }))).toMatchObject([
      { problem: expect.stringContaining("limits.url_timeout") },
    ]);
  });

  it("is given up at once when the turn is stopped", async () => {
    const at = await site();
    const stop = new AbortController();
    const reading = read(`@${at}/silent`, sources("/"), stop.signal);
    stop.abort(new Error("stopped"));
    await expect(reading).rejects.toThrow("stopped");
  });

  it("of a hostile making is read all the same", () => {
    for (const piece of ["<", "<!--", "<script>", "&#", "</script ", "<p"])
      textOfHtml(piece.repeat(1_000_000 / piece.length));
    expect(textOfHtml("<p>a&amp;b &#x41;</p><style>x</style>  <br>c")).toBe("a&b A\n\nc");
  });
});
