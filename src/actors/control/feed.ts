// What one follower is told. Reports wait for a reader that is slow, up to a bound, past which the oldest go and are counted; a
// look at the tree is never kept waiting, for the next one says the same and more.
import type { Socket } from "node:net";
import type { FollowEvent } from "./protocol.js";

const MAX_WAITING_BYTES = 1024 * 1024;

export class Feed {
  private readonly waiting: string[] = [];
  private waitingBytes = 0;
  private lost = 0;
  private full = false;

  constructor(private readonly connection: Socket) {
    connection.on("drain", () => {
      this.full = false;
      this.flush();
    });
  }

  /** True while the reader has not taken what it was told. */
  get behind(): boolean {
    return this.full;
  }

  /** Tells it now; to be asked only of a reader that is not behind. */
  tellNow(event: FollowEvent): void {
    this.write(JSON.stringify(event));
  }

  /** Tells it in its turn. */
  tell(event: FollowEvent): void {
    const line = JSON.stringify(event);
    this.waiting.push(line);
    this.waitingBytes += line.length;
    this.flush();
    while (this.waitingBytes > MAX_WAITING_BYTES) {
      this.waitingBytes -= this.waiting.shift()?.length ?? 0;
      this.lost++;
    }
  }

  private flush(): void {
    while (!this.full) {
      if (this.lost > 0) {
        this.write(JSON.stringify({ event: "lost", count: this.lost } satisfies FollowEvent));
        this.lost = 0;
        continue;
      }
      const line = this.waiting.shift();
      if (line === undefined) return;
      this.waitingBytes -= line.length;
      this.write(line);
    }
  }

  private write(line: string): void {
    this.full = !this.connection.write(`${line}\n`);
  }
}
