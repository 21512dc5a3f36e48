// Who answers a server for the user of a command: in words on the terminal, or with a no where there is none. What it asks goes to
// stderr, for stdout is the command's answer. Sampling it refuses: a command has no model.
// temporary: it lives as long as the command and holds nothing; a second question waits until the first is answered.
import { createInterface } from "node:readline/promises";
import { openPage } from "../chat/open-page.js";
import type {
  ElicitationAnswer,
  ElicitationRequest,
  SamplingAnswer,
  SamplingRequest,
} from "../mcp/client/mcp-types.js";
import type { AskedBy, Elicitor } from "../mcp/client/questions.js";
import { GenServer, messageOf, type NoReply, noReply, plainText } from "../supervision/index.js";
import { FormByLines } from "../ui/form-by-lines.js";
import { warn } from "./warn.js";

type Values = Extract<ElicitationAnswer, { action: "accept" }>["values"];

export class TerminalAsker extends GenServer implements Elicitor {
  private readonly open = new Map<string, AbortController>();
  private last: Promise<unknown> = Promise.resolve();

  elicit(request: ElicitationRequest & AskedBy): ElicitationAnswer | NoReply {
    const { server, message, id } = request;
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      const what = request.mode === "url" ? `wants you to visit ${request.url} ("${message}")` : `asks "${message}"`;
      warn(plainText(`The server ${server} ${what}; run this in a terminal, or use the chat, to answer.`));
      return { action: "decline" };
    }
    const from = this.from<ElicitationAnswer>();
    const withdrawn = new AbortController();
    this.open.set(id, withdrawn);
    this.last = this.last
      .then(() => (request.mode === "url" ? visit(request, withdrawn.signal) : fillIn(request, withdrawn.signal)))
      .catch((): ElicitationAnswer => ({ action: "cancel" }))
      .then((answer) => {
        this.open.delete(id);
        from.reply(answer);
      });
    return noReply;
  }

  sample({ server }: SamplingRequest & AskedBy): SamplingAnswer {
    warn(`The server ${server} wants an answer of a model, which commands have not; call the tool from the chat.`);
    return { allowed: false, reason: "there is no model here" };
  }

  elicitationWithdrawn(id: string): void {
    this.open.get(id)?.abort();
  }
}

/** Rejects when the signal is aborted, or the user presses Ctrl-C, which ends the command too. */
async function lines<T>(
  signal: AbortSignal,
  work: (ask: (prompt: string) => Promise<string>) => Promise<T>,
): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const left = new AbortController();
  terminal.once("SIGINT", () => {
    left.abort();
    process.kill(process.pid, "SIGINT");
  });
  terminal.once("close", () => left.abort());
  try {
    return await work((prompt) => terminal.question(prompt, { signal: AbortSignal.any([signal, left.signal]) }));
  } finally {
    terminal.close();
  }
}

function fillIn(
  { server, message, schema }: Extract<ElicitationRequest, { mode: "form" }> & AskedBy,
  signal: AbortSignal,
): Promise<ElicitationAnswer> {
  process.stderr.write(`\n${plainText(`${server} asks: ${message}`)}\n`);
  return lines(signal, async (ask) => {
    const form = new FormByLines(schema, {});
    for (;;) {
      const { values, problem } = form.take(await ask(plainText(form.prompt)));
      if (problem !== undefined) process.stderr.write(`! ${plainText(problem)}\n`);
      // The form gives no other kinds of values for the schemas a server may ask with.
      if (values !== undefined) return { action: "accept", values: values as Values };
    }
  });
}

async function visit(
  { server, message, url }: Extract<ElicitationRequest, { mode: "url" }> & AskedBy,
  signal: AbortSignal,
): Promise<ElicitationAnswer> {
  const { host } = new URL(url); // checked where it came in
  process.stderr.write(`\n${plainText(`${server} asks: ${message}\n${url}`)}\n`);
  const answer = await lines(signal, (ask) => ask(`Open ${host} in your browser? y or n > `));
  if (!/^y/i.test(answer.trim())) return { action: "decline" };
  await openPage(url).catch((error: unknown) =>
    warn(`No browser could be started (${messageOf(error)}); open it yourself.`),
  );
  return { action: "accept", values: {} };
}
