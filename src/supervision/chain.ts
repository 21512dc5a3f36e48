// A set in the order of joining whose links are fields of its members: to join and to leave is to write three fields, where a
// Set hashes, and copies itself as it grows. For what there may be a million of. A member is in one chain at a time.

export interface ChainMember<T> {
  chain: object | undefined;
  older: T | undefined;
  younger: T | undefined;
}

export class Chain<T extends ChainMember<T>> {
  private oldest: T | undefined = undefined;
  private youngest: T | undefined = undefined;
  size = 0;

  has(member: T): boolean {
    return member.chain === this;
  }

  add(member: T): void {
    if (member.chain === this) return;
    member.chain = this;
    member.older = this.youngest;
    if (this.youngest === undefined) this.oldest = member;
    else this.youngest.younger = member;
    this.youngest = member;
    this.size++;
  }

  /** False if it was no member. */
  delete(member: T): boolean {
    if (member.chain !== this) return false;
    const { older, younger } = member;
    if (older === undefined) this.oldest = younger;
    else older.younger = younger;
    if (younger === undefined) this.youngest = older;
    else younger.older = older;
    member.chain = member.older = member.younger = undefined;
    this.size--;
    return true;
  }

  /** Takes the oldest away. */
  shift(): T | undefined {
    const { oldest } = this;
    if (oldest !== undefined) this.delete(oldest);
    return oldest;
  }

  clear(): void {
    while (this.shift() !== undefined);
  }

  /** Oldest first. No member may leave meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let member = this.oldest; member !== undefined; member = member.younger) yield member;
  }
}
