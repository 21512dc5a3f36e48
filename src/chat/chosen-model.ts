// The model that answers: the one the conversation was started with, until the user takes another. The choice is kept for this run
// of the app, so that a chat that crashed goes on with it.
import { z } from "zod";
import { keepState, recallState } from "../actors/kept-state.js";
import type { Store } from "../actors/store/store.js";
import type { Models } from "../llm/models.js";
import type { Provider } from "../llm/provider.js";
import { BanyanError, messageOf, type Ref } from "../supervision/index.js";
import type { NoticeLevel } from "./events.js";

export interface ChosenModelOptions {
  /** Who answers until another is chosen. */
  readonly provider: Provider;
  readonly models: Models;
  readonly store: Ref<Store>;
  /** This run of the app. */
  readonly run: string;
  readonly notice: (level: NoticeLevel, text: string) => void;
}

/** Under which the chosen model is kept. */
const KEY = "chat:model";

export class ChosenModel {
  provider: Provider;

  constructor(private readonly options: ChosenModelOptions) {
    this.provider = options.provider;
  }

  get id(): string {
    return this.provider.id;
  }

  /** Its name at Ollama; undefined if it is not one of Ollama's. */
  get nameAtOllama(): string | undefined {
    return /^ollama:(.+)$/.exec(this.id)?.[1];
  }

  /** Rejects with a `StoreError` when the store refuses. */
  async keep(): Promise<void> {
    const { store, run } = this.options;
    await keepState(store, run, KEY, { model: this.id });
  }

  /** Likewise. A model that cannot be had any more is said. */
  async recall(): Promise<void> {
    const { store, run, models, notice } = this.options;
    const kept = await recallState(store, run, KEY, z.object({ model: z.string() }));
    if (kept === undefined || kept.model === this.id) return;
    try {
      this.provider = await models.choose(kept.model);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      notice("warn", `${this.id} answers again: ${messageOf(error)}`);
    }
  }
}
