// Where the browser comes back to after a sign-in: a server on this machine, on a port of its own, for one answer. It answers
// nobody but a browser that was sent to this very address (the Host header), and takes only the answer to the question that was
// asked (the state); another one ends the sign-in, for somebody meddles with it.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { plainText } from "../../../supervision/plain-text.js";
import { SignInError } from "./errors.js";

/** What the authorization server sent the browser back with. */
export interface RedirectAnswer {
  readonly code: string;
  readonly issuer: string | undefined;
}

export const PATIENCE_MS = 300_000;
const PATH = "/callback";
const LONGEST_WORDS = 300;

export class RedirectServer {
  readonly state = randomBytes(32).toString("base64url");
  /** Rejects with a {@link SignInError} when the user was refused, nobody came in time, or {@link close} was called. */
  readonly answer: Promise<RedirectAnswer>;

  private settle!: { readonly done: (answer: RedirectAnswer) => void; readonly failed: (error: SignInError) => void }; // set below
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    patienceMs: number,
  ) {
    this.answer = new Promise((done, failed) => {
      this.settle = { done, failed };
    });
    this.answer.catch(() => {}); // whoever waits for it is told
    this.timer = setTimeout(() => {
      this.settle.failed(new SignInError(`nobody signed in within ${Math.round(patienceMs / 1000)} s; start again`));
    }, patienceMs);
    server.on("request", ({ method, url, headers }, response) => {
      if (headers.host !== `127.0.0.1:${port}`) return say(response, 421, "This address is for one sign-in alone.");
      const asked = URL.canParse(url ?? "", this.uri) ? new URL(url ?? "", this.uri) : undefined;
      if (method !== "GET" || asked?.pathname !== PATH) return say(response, 404, "There is nothing here.");
      this.took(asked.searchParams, response);
    });
  }

  get uri(): string {
    return `http://127.0.0.1:${this.port}${PATH}`;
  }

  /** Listens on `port`, or on any if it is 0 or `orAny` is true and it is taken. */
  static async open(port: number, { orAny = false, patienceMs = PATIENCE_MS } = {}): Promise<RedirectServer> {
    const server = createServer({ maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 10_000 });
    try {
      await listen(server, port);
    } catch (error) {
      if (port !== 0 && orAny) return RedirectServer.open(0, { patienceMs });
      throw new SignInError(`port ${port} for the way back from the browser cannot be had; free it or set another`, {
        cause: error,
      });
    }
    return new RedirectServer(server, (server.address() as AddressInfo).port, patienceMs); // it listens on a port
  }

  /** Answers nobody any more. */
  close(): void {
    clearTimeout(this.timer);
    this.settle.failed(new SignInError("the sign-in was given up"));
    this.server.close();
    this.server.closeAllConnections(); // browsers open some they never use
  }

  private took(answer: URLSearchParams, response: ServerResponse): void {
    if (!sameText(answer.get("state") ?? "", this.state)) {
      const failure = new SignInError("the browser came back with an answer nobody asked for; start again");
      const page = "This is not the answer that was waited for. Start the sign-in again.";
      return say(response, 400, page, () => this.settle.failed(failure));
    }
    const code = answer.get("code");
    const error = answer.get("error");
    if (error !== null || code === null) {
      const words = [error, answer.get("error_description")].filter((text) => text !== null).join(": ");
      const said =
        words === "" ? "it came back without a code" : plainText(words).replace(/\s+/g, " ").slice(0, LONGEST_WORDS);
      const failure = new SignInError(`the sign-in was refused: ${said}`);
      const page = "The sign-in was refused. The terminal says why; you may close this page.";
      return say(response, 400, page, () => this.settle.failed(failure));
    }
    const issuer = answer.get("iss") ?? undefined;
    const page = "You may close this page; Banyan finishes the sign-in in the terminal.";
    say(response, 200, page, () => this.settle.done({ code, issuer }));
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", failed);
      done();
    });
  });
}

/** Takes the same time whatever the difference. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** `then`: once the page has been written, for with the sign-in the server ends. */
function say(response: ServerResponse, status: number, text: string, then = (): void => {}): void {
  response.once("close", then);
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(`<!doctype html><title>Banyan</title><p>${text}</p>`);
}
