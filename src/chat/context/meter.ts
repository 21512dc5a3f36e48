// How full the model's window is, for the status line: read anew whenever the conversation has grown, beside the mailbox.
import { again } from "../../actors/again.js";
import type { Settings } from "../../actors/config/schema.js";
import type { Ref } from "../../supervision/index.js";
import type { ChatOptions } from "../chat-options.js";
import type { ChosenModel } from "../chosen-model.js";
import type { ChatStatus } from "../events.js";
import { contextFigures } from "./figures.js";
import { roomOf } from "./room.js";

export interface MeterHost {
  readonly options: ChatOptions;
  readonly model: ChosenModel;
  settings(): Settings;
  use<T>(ref: Ref<T>): Ref<T>;
  showStatus(): void;
}

export class ContextMeter {
  /** Undefined for a model without measure, and before it is known. */
  value: ChatStatus["context"];
  private reading = false;
  private stale = false;

  constructor(private readonly host: MeterHost) {}

  /** Nobody looks at it where there is no screen. */
  refresh(): void {
    if (!this.host.options.interactive) return;
    this.stale = this.reading;
    if (this.reading) return;
    this.reading = true;
    // A conversation that cannot be read now is told of elsewhere.
    void this.read()
      .catch(() => {})
      .then(() => {
        this.reading = false;
        if (this.stale) this.refresh();
      });
  }

  private async read(): Promise<void> {
    const { options, model, use } = this.host;
    const { context, chat } = this.host.settings();
    const view = await again(() => use(options.session).call.view());
    const { learned } = view.context;
    const known = learned?.model === model.id ? learned.tokens : undefined;
    const room = await roomOf(model.provider, { context, maxTokens: chat.max_tokens }, known);
    const tools = room === undefined ? [] : await again(() => use(options.aggregator).call.tools());
    const { tokens } = contextFigures(view, options.router.visible(tools), chat.system_prompt, room);
    const before = this.value;
    this.value = room && { tokens, limit: room.limit, guessed: room.window.source === "guess" };
    if (before?.tokens !== this.value?.tokens || before?.limit !== this.value?.limit) this.host.showStatus();
  }
}
