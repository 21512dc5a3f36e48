// OllamaKeeper: keeps the chosen Ollama model in memory, so that the first word of an answer need not wait for gigabytes to be read.
// Ollama forgets a model it has not been asked for a while, and all of them when it restarts. A request without a prompt loads
// the model or, if it is there, lengthens its stay; so the same small request at short intervals does both, and nothing has to
// be found out first. After the chat has ended the model goes by itself, once `keep_alive` is over.
//
// permanent, in the tree of a chat, and idle while its model is not Ollama's; shutdown at once. It keeps nothing: the chat tells it
// again which model to keep once it is back.
import { GenServer, send } from "../supervision/index.js";
import { Condition, type HealthStatus } from "./health/status.js";

export interface OllamaKeeperOptions {
  /** Ollama's address, without the path of its API. */
  readonly url: string;
  /** How long the model stays after the last request for it. */
  readonly keepAliveMs: number;
}

/** The request under way has ended; `problem` says what went wrong. */
class Asked {
  constructor(
    readonly model: string,
    readonly problem: string | undefined,
  ) {}
}
const DUE = "the model is due";
/** So soon after Ollama is back the model is loaded again, in milliseconds. */
const LONGEST_PAUSE_MS = 15_000;
/** A model is read from disk within this, in milliseconds. */
const LOAD_TIMEOUT_MS = 10 * 60_000;
/** The part of Ollama's complaint that is told, in characters. */
const LONGEST_COMPLAINT = 200;

export class OllamaKeeper extends GenServer<OllamaKeeperOptions, { model: string | undefined }> {
  private options!: OllamaKeeperOptions; // set by init
  private readonly condition = new Condition();
  private cancelPause = (): void => {};

  protected override init(options: OllamaKeeperOptions) {
    this.options = options;
    this.state = { model: undefined };
    this.rest();
  }

  protected override handleInfo(message: unknown): void {
    if (message === DUE) this.load();
    else if (message instanceof Asked) this.asked(message);
  }

  getStatus(): HealthStatus {
    return this.condition.status;
  }

  /** Keeps this model from now on and no other; none when undefined. */
  keep(model: string | undefined): void {
    if (model === this.state.model) return;
    this.state = { model };
    this.rest();
    this.load();
  }

  private rest(): void {
    const { model } = this.state;
    this.condition.say("ok", model === undefined ? "no model of Ollama's is chosen" : `${model} is being loaded`);
    this.setLabel(model === undefined ? "idle" : `loading ${model}`);
  }

  /** It may take minutes; meanwhile this process answers. */
  private load(): void {
    const { model } = this.state;
    this.cancelPause();
    if (model === undefined) return;
    void load(this.options, model, this.signal).then((problem) => send(this.self(), new Asked(model, problem)));
  }

  private asked({ model, problem }: Asked): void {
    if (model !== this.state.model) return; // another was chosen meanwhile
    if (problem === undefined) this.condition.say("ok", `${model} is loaded`);
    else this.condition.say("warn", `${model} cannot be kept loaded: ${problem}; it is tried again`);
    this.setLabel(problem === undefined ? `${model} loaded` : `${model} not loaded`);
    this.cancelPause = this.sendAfter(Math.min(LONGEST_PAUSE_MS, this.options.keepAliveMs / 2), DUE);
  }
}

/** Resolves with what went wrong; never rejects. */
async function load(
  { url, keepAliveMs }: OllamaKeeperOptions,
  model: string,
  ended: AbortSignal,
): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/api/generate`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, stream: false, keep_alive: `${Math.round(keepAliveMs / 1000)}s` }),
      signal: AbortSignal.any([ended, AbortSignal.timeout(LOAD_TIMEOUT_MS)]),
      redirect: "error",
    });
    if (response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    const said = (await response.text()).slice(0, LONGEST_COMPLAINT);
    return `Ollama at ${url} answered with ${response.status} (${said})`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return `Ollama at ${url} does not answer (${cause})`;
  }
}
