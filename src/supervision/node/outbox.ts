// What is sent within a tick crosses as one batch. Where something in a batch cannot be cloned, it alone is taken out.
import type { Channel, Wire } from "./wire.js";

export class Outbox {
  private channel: Channel | undefined;
  private wires: Wire[] = [];
  private transfers: ArrayBuffer[] = [];

  /** `refused` is told of what could not be cloned, and why. */
  constructor(private readonly refused: (wire: Wire, why: unknown) => void) {}

  connect(channel: Channel): void {
    this.channel = channel;
  }

  close(): void {
    this.channel = undefined;
  }

  put(wire: Wire): void {
    if (this.wires.push(wire) === 1) queueMicrotask(this.flush);
  }

  /** Buffers to be moved with the batch. */
  move(buffers: readonly ArrayBuffer[]): void {
    if (buffers.length > 0) this.transfers.push(...buffers);
  }

  takeMoved(): readonly ArrayBuffer[] {
    const { transfers } = this;
    this.transfers = [];
    return transfers;
  }

  /** Throws if it cannot be cloned. */
  check(wire: Wire): void {
    this.channel?.check(wire);
  }

  readonly flush = (): void => {
    const { wires, channel } = this;
    if (wires.length === 0) return;
    this.wires = [];
    const transfers = this.transfers.length > 0 ? this.takeMoved() : this.transfers;
    try {
      channel?.post(wires, transfers);
    } catch (thrown) {
      if (channel !== undefined) this.postWithout(channel, wires, transfers, thrown);
    }
  };

  private postWithout(channel: Channel, batch: readonly Wire[], transfers: readonly ArrayBuffer[], why: unknown): void {
    const good = batch.filter((wire) => {
      try {
        channel.check(wire);
        return true;
      } catch (thrown) {
        this.refused(wire, thrown);
        return false;
      }
    });
    if (good.length < batch.length) channel.post(good, transfers);
    else for (const wire of batch) this.refused(wire, why);
  }
}
