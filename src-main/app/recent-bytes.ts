interface Kept {
  readonly made: Promise<Buffer>;
  /** 0 until it is made. */
  bytes: number;
}

/** Values made on demand, as many bytes of them kept as allowed: the longest unused go first. */
export class RecentBytes {
  /** The longest unused first. */
  readonly #kept = new Map<string, Kept>();
  readonly #most: number;
  #bytes = 0;

  /** @param most bytes that are kept at most */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The value of a key, made where it is not kept; what could not be made is tried again. */
  get(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#kept.get(key);
    if (known) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.made;
    }
    const kept: Kept = { made: make(), bytes: 0 };
    this.#kept.set(key, kept);
    kept.made.then(
      ({ length }) => this.#count(kept, length),
      () => this.#kept.delete(key),
    );
    return kept.made;
  }

  #count(kept: Kept, bytes: number): void {
    kept.bytes = bytes;
    this.#bytes += bytes;
    for (const [key, oldest] of this.#kept) {
      if (this.#bytes <= this.#most) return;
      // What is still being made weighs nothing yet.
      if (oldest.bytes === 0) continue;
      this.#kept.delete(key);
      this.#bytes -= oldest.bytes;
    }
  }
}
