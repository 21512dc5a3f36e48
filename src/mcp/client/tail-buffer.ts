// The last bytes of a stream, at a fixed cost: what a server wrote to stderr before it died is the best hint at why.

export class TailBuffer {
  private parts: Buffer[] = [];
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  push(chunk: Buffer): void {
    this.parts.push(chunk);
    this.length += chunk.length;
    for (let first = this.parts[0]; first !== undefined; first = this.parts[0]) {
      const spare = this.length - this.maxBytes;
      if (spare <= 0) return;
      if (first.length > spare) {
        this.parts[0] = first.subarray(spare);
        this.length -= spare;
        return;
      }
      this.parts.shift();
      this.length -= first.length;
    }
  }

  toString(): string {
    return Buffer.concat(this.parts).toString("utf8");
  }
}
