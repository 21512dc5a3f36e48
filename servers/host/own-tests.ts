// The tests that a dynamic tool brings along: calls with what they have to answer, made before the tool is taken.
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

const expectation = z.union([z.string(), z.object({ contains: z.string() }), z.object({ isError: z.literal(true) })]);

export const ownTests = z
  .array(z.object({ name: z.string().max(200).optional(), args: z.unknown(), expect: expectation.optional() }))
  .max(50);
export type OwnTest = z.output<typeof ownTests>[number];

/** What the first test that fails says, in one sentence; undefined: all pass. */
export async function failedTest(
  tool: string,
  tests: readonly OwnTest[],
  call: (args: unknown) => Promise<CallToolResult>,
): Promise<string | undefined> {
  for (const [at, { name, args, expect }] of tests.entries()) {
    const problem = problemOf(await call(args), expect);
    if (problem !== undefined)
      return `The test ${name === undefined ? at + 1 : `"${name}"`} of ${tool} failed: ${problem}.`;
  }
  return undefined;
}

function problemOf({ content, isError }: CallToolResult, expect: OwnTest["expect"]): string | undefined {
  const text = content.map((block) => (block.type === "text" ? block.text : `<${block.type}>`)).join("\n");
  const got = `it answered ${quoted(text)}`;
  if (typeof expect === "object" && "isError" in expect)
    return isError === true ? undefined : `an error is expected, but ${got}`;
  if (isError === true) return `it answered with the error ${quoted(text)}`;
  if (expect === undefined) return undefined;
  if (typeof expect === "string") return text === expect ? undefined : `${quoted(expect)} is expected, but ${got}`;
  return text.includes(expect.contains) ? undefined : `a text with ${quoted(expect.contains)} is expected, but ${got}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
