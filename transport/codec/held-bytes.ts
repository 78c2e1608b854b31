const kept = 1 << 16;

/** Bytes of a token that goes on in the next chunk, copied: the chunk's memory is used again. Grows by doubling, so that a token that comes byte by byte costs no more than its length. */
export class HeldBytes {
  #memory = Buffer.alloc(0);
  #length = 0;

  add(bytes: Buffer): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(64, needed, this.#memory.length * 2));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    bytes.copy(this.#memory, this.#length);
    this.#length = needed;
  }

  /** All that was held, and `last`; nothing is held after. Valid until the next `add`. */
  join(last: Buffer): Buffer {
    if (this.#length === 0) return last;
    this.add(last);
    const whole = this.#memory.subarray(0, this.#length);
    this.clear();
    return whole;
  }

  clear(): void {
    this.#length = 0;
    // An idle connection keeps no memory of a large message.
    if (this.#memory.length > kept) this.#memory = Buffer.alloc(0);
  }
}
