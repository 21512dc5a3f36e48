// The process that dynamic tools run in: what it takes, what it answers, and what becomes of tools that behave badly in it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ToolChild, toolChild } from "../../support/tool-child.js";
import { makeWorkspace } from "../../support/workspace.js";

const work = makeWorkspace();
let child: ToolChild;

beforeAll(async () => {
  child = await toolChild({ folder: work.root });
});
afterAll(async () => {
  await child.client.close();
  work.remove();
});

/** A module with one tool, whose handler is the code given. */
const tool = (name: string, handler: string, more = "") =>
  `export default { name: "${name}", description: "A tool of this test", ${more} handler: async (args, context) => { ${handler} } };`;

describe("a dynamic tool", () => {
  it("is told with its schema when it is loaded, runs its own tests, and is listed", async () => {
    const source = `import { defineTool, ToolError, z } from "banyan/tool";
      export default defineTool({
        name: "divide", description: "Divides one number by another",
        input: z.object({ a: z.number(), b: z.number().default(2) }),
        annotations: { readOnlyHint: true },
        handler({ a, b }) { if (b === 0) throw new ToolError("Give another b."); return String(a / b); },
        tests: [{ args: { a: 4 }, expect: "2" }, { args: { a: 1, b: 0 }, expect: { isError: true } }, { args: { a: 1, b: 4 }, expect: { contains: "25" } }],
      });`;
    const { isError, result } = await child.load("divide", source, { test: true });
    expect({ isError, ...result.structuredContent }).toMatchObject({
      ...{ isError: false, name: "divide", description: "Divides one number by another" },
      inputSchema: { type: "object", required: ["a"] },
      annotations: { readOnlyHint: true },
    });
    expect((await child.call("divide", { a: 9, b: 3 })).text).toBe("3");
    expect((await child.call("divide", { a: 9, b: 0 })).text).toBe("Give another b.");
    expect((await child.call("divide", {})).text).toBe('divide needs the field "a", and it is missing.');
    expect((await child.client.listTools()).tools.map(({ name }) => name)).toContain("divide");
  });

  it("is refused in one sentence, and the one of that name stays", async () => {
    await child.load("kept", tool("kept", "return 'old';"));
    const refusals: Readonly<Record<string, string>> = {
      [tool("kept", "return 'new';", "tests: [{ name: 'is old', args: {}, expect: 'old' }],")]:
        'The test "is old" of kept failed: "old" is expected, but it answered "new".',
      [tool("other", "")]: 'The module says its name is "other", and it is loaded as "kept"; make both the same.',
      "export const x = 1;": 'The module says its name is nothing, and it is loaded as "kept"; make both the same.',
      "export default null;": "The module exports no tool; write export default { name, description, input, handler }.",
      'export default { name: "kept", description: "A tool of this test" };':
        "kept has no handler; give it handler(args, context) { … }.",
      'export default { name: "kept", description: "short", handler() {} };':
        "kept needs a description of 10 to 2000 characters that says what it does and when to use it; this one has 5.",
      [tool("kept", "", "input: { type: 'object', properties: { a: { type: 'strng' } } },")]:
        'The input of kept is not valid: input.properties.a has the type "strng", and types are string, number, integer, boolean, object, array, null.',
      [tool("kept", "", "input: { type: 'string' },")]:
        'The input of kept is not valid: its type must be "object", since arguments have names.',
      [tool("kept", "", "timeout: '5s',")]: "The timeout of kept must be a number of milliseconds from 1 to 3,600,000.",
      "throw new Error('not today');": "kept failed while it was loaded: Error: not today.",
    };
    for (const [source, sentence] of Object.entries(refusals)) {
      const { isError, text } = await child.load("kept", source, { test: true });
      expect({ isError, text }).toEqual({ isError: true, text: sentence });
    }
    expect((await child.call("kept")).text).toBe("old");
  });

  it("is replaced between calls: what runs ends on the old code, and begins anew when it is loaded again", async () => {
    const counting = `let n = 0; ${tool("counting", "n++; context.progress(1); if (args.wait) while (performance.getEntriesByName('go on').length === 0) await new Promise((turn) => setTimeout(turn, 1)); return 'v1 ' + n;")}`;
    await child.load("counting", counting);
    let running: Promise<{ text: string }> | undefined;
    await new Promise((begun) => {
      running = child.call("counting", { wait: true }, ({ progress }) => progress === 1 && begun(undefined));
    });
    await child.load("counting", tool("counting", "performance.mark('go on'); return 'v2';"));
    expect((await child.call("counting")).text).toBe("v2");
    expect((await running)?.text).toBe("v1 1");
    await child.load("counting", counting);
    expect((await child.call("counting")).text).toBe("v1 1");
    expect((await child.call("banyan:unload", { name: "counting" })).isError).toBe(false);
    await expect(child.call("counting")).rejects.toThrow('No tool is named "counting"');
  });

  it("says when its handler begins, and not when its arguments are refused", async () => {
    await child.load(
      "begins",
      tool(
        "begins",
        "context.progress(0); context.progress(5, 10, 'half'); return 'done';",
        "input: { type: 'object', properties: { a: { type: 'string' } } },",
      ),
    );
    child.progress.length = 0;
    await child.call("begins", {}, () => {});
    expect(child.progress).toEqual([{ progress: 0 }, { progress: 5, total: 10, message: "half" }]);
    child.progress.length = 0;
    expect((await child.call("begins", { a: 1 }, () => {})).isError).toBe(true);
    expect(child.progress).toEqual([]);
  });

  it("may return texts, pictures and objects, and nothing that cannot be passed on", async () => {
    const returns = async (value: string) => {
      await child.load("returns", tool("returns", `return ${value};`));
      return child.call("returns");
    };
    const picture = { type: "image", data: "aGk=", mimeType: "image/png" };
    expect((await returns(`{ content: [${JSON.stringify(picture)}] }`)).result.content).toEqual([picture]);
    const given = await returns("{ content: [], structuredContent: { when: new Date(0), n: 1 } }");
    expect(given.result).toMatchObject({ structuredContent: { when: "1970-01-01T00:00:00.000Z", n: 1 } });
    expect(given.text).toBe('{"when":"1970-01-01T00:00:00.000Z","n":1}');
    const refused = {
      "42": 'it must be a text, a list of texts, or { content: [{ type: "text", text }] }; use JSON.stringify for other values',
      "(() => { const a = { content: [] }; a.structuredContent = a; return a; })()":
        "it is nested more than 64 deep, or in a circle",
      "{ content: [], structuredContent: { n: 1n } }": "it holds a BigInt, which JSON has not; make it a string",
      "{ content: [], get structuredContent() { throw 1; } }": "it cannot be read",
      "{ content: [], structuredContent: { a: 'x'.repeat(2_000_000) } }":
        "its structuredContent has 2 MB, and 1 MB are taken; return less",
    };
    for (const [value, why] of Object.entries(refused)) {
      expect((await returns(value)).text).toBe(`returns returned what cannot be passed on: ${why}.`);
    }
    const { text } = await returns("'x'.repeat(3_000_000)");
    expect(text).toMatch(/^x{1000000}\n\(The result was cut to 1 MB of 3 MB; ask for less at a time\.\)$/);
  });
});

describe("a tool that behaves badly", () => {
  it("fails alone when it throws where nobody waits, prints, closes its streams or never answers", async () => {
    const good = tool("good", "return 'well';");
    await child.load("good", good);
    const cases: Readonly<Record<string, string>> = {
      "setTimeout(() => { throw new Error('late'); }, 1); await new Promise(() => {});":
        "bad failed: Error: late; mend it with update_tool, or try other arguments.",
      "queueMicrotask(() => { throw new Error('soon'); }); await new Promise(() => {});":
        "bad failed: Error: soon; mend it with update_tool, or try other arguments.",
      "Promise.reject(new Error('alone')); await new Promise(() => {});":
        "bad failed: Error: alone; mend it with update_tool, or try other arguments.",
      "await new Promise(() => {});": "bad took longer than 0.2 s and was stopped; ask for less.",
      "process.stdout.end(); return 'closed';":
        "bad failed: Error: process.stdout is not this tool's to close.; mend it with update_tool, or try other arguments.",
      "console.log('to the log'); process.stdout.write('{}\\n'); return 'printed';": "printed",
      "throw null;": "bad failed: null; mend it with update_tool, or try other arguments.",
      "throw { toString() { throw 1; } };":
        "bad failed: something that cannot be shown; mend it with update_tool, or try other arguments.",
    };
    for (const [handler, text] of Object.entries(cases)) {
      await child.load("bad", tool("bad", handler, text.includes("0.2 s") ? "timeout: 200," : ""));
      const [bad, other] = await Promise.all([child.call("bad"), child.call("good")]);
      expect([bad.text, other.text]).toEqual([text, "well"]);
    }
    expect(child.stderr()).toContain("to the log");
    expect(child.unasked).toEqual([]);
  });

  it("fails alone when it takes more memory than there is beside the heap", async () => {
    await child.load("greedy", tool("greedy", "const all = []; for (;;) all.push(Buffer.alloc(50_000_000));"));
    if (process.platform !== "linux") return;
    expect((await child.call("greedy")).text).toMatch(/^greedy failed: RangeError: /);
    expect((await child.call("good")).text).toBe("well");
  });

  it.each([
    ["ends the process", "process.exit(3);"],
    ["fills the heap", "const all = []; for (;;) all.push(new Array(200_000).fill(all));"],
  ])("takes its process along when it %s, and no other", async (_, handler) => {
    const own = await toolChild({ folder: work.root, grants: { heapMB: 32 } });
    await own.load("last", tool("last", handler));
    await expect(own.call("last")).rejects.toThrow("Connection closed");
    await own.closed;
    expect((await child.call("good")).text).toBe("well");
  });

  it("ends its process with its name as last words when it throws outside of any call", async () => {
    const own = await toolChild({ folder: work.root });
    await own.load("timed", `setTimeout(() => { throw new Error("at no time"); }, 20); ${tool("timed", "")}`);
    await own.closed;
    expect(own.stderr()).toContain("the tool timed threw outside of any call: Error: at no time");
  });

  it("that loops is not heard any more, and asked for nothing else", async () => {
    const own = await toolChild({ folder: work.root });
    await own.load("loop", tool("loop", "for (;;);"));
    const lost = expect(own.call("loop")).rejects.toThrow("Connection closed");
    const alive = own.client.callTool({ name: "banyan:alive", arguments: {} }, undefined, { timeout: 300 });
    await expect(alive).rejects.toThrow();
    own.kill();
    await lost;
    expect(await child.call("banyan:alive")).toMatchObject({ isError: false });
  });
});
